package dev.meshctl.model.validation.workloads;

import dev.meshctl.model.resource.EndpointSlice;
import dev.meshctl.model.resource.Endpoints;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.resource.Transport;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.Suggestion;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** EndpointSlices and Endpoints: that they belong to a Service, and fit it. */
final class EndpointChecks {
  private static final String LABEL = "metadata.labels." + EndpointSlice.SERVICE_NAME;

  private EndpointChecks() {}

  static void run(Facts facts, Findings findings) {
    Map<Service, List<Located<EndpointSlice>>> byService = new HashMap<>();
    for (Located<EndpointSlice> slice : facts.all(EndpointSlice.class)) {
      service(slice, facts, findings)
          .ifPresent(
              service -> byService.computeIfAbsent(service, _ -> new ArrayList<>()).add(slice));
    }
    byService.forEach((service, slices) -> {
      Set<String> told = new HashSet<>();
      for (Located<EndpointSlice> slice : slices) {
        told.addAll(names(slice.resource().ports()));
        ports(slice, "ports[%d].name", slice.resource().ports(), service, findings);
      }
      if (slices.stream().anyMatch(slice -> !slice.resource().endpoints().isEmpty())) {
        missing(service, told, facts, findings);
      }
      hints(slices, findings);
    });
    for (Located<Endpoints> old : facts.all(Endpoints.class)) {
      old(old, facts, findings);
    }
  }

  private static Optional<Service> service(
      Located<EndpointSlice> slice, Facts facts, Findings findings) {
    Optional<String> name = slice.resource().serviceName();
    if (name.isEmpty()) {
      findings.add(
          DiagnosticCode.ENDPOINTS_WITHOUT_SERVICE,
          slice,
          "metadata.labels",
          "names no Service (expected: a label " + EndpointSlice.SERVICE_NAME + ")");
      return Optional.empty();
    }
    return service(slice, LABEL, name.get(), facts, findings);
  }

  private static Optional<Service> service(
      Located<? extends MeshResource> where,
      String path,
      String name,
      Facts facts,
      Findings findings) {
    String namespace = where.resource().metadata().namespace();
    Optional<Service> found = facts.find("Service", namespace, name).map(Service.class::cast);
    if (found.isEmpty() && !facts.mayExist("Service", namespace, name)) {
      List<String> known =
          facts.all(Service.class).stream()
              .map(service -> service.resource().metadata())
              .filter(metadata -> metadata.namespace().equals(namespace))
              .map(metadata -> metadata.name())
              .toList();
      findings.add(
          DiagnosticCode.ENDPOINTS_WITHOUT_SERVICE,
          where,
          path,
          "Service '" + namespace + "/" + name + "' is not there",
          Suggestion.fix(name, known, DiagnosticCode.ENDPOINTS_WITHOUT_SERVICE.fix()));
    }
    return found;
  }

  private static Set<String> names(List<EndpointSlice.Port> ports) {
    Set<String> names = new HashSet<>();
    ports.stream().filter(EndpointChecks::isOfMesh).forEach(port -> names.add(port.name()));
    return names;
  }

  /** Other transports are no business of the mesh. */
  private static boolean isOfMesh(EndpointSlice.Port port) {
    return port.transport() == Transport.TCP;
  }

  private static List<String> names(Service service) {
    return service.ports().stream()
        .filter(port -> port.transport() == Transport.TCP)
        .map(Service.Port::name)
        .toList();
  }

  private static void ports(
      Located<? extends MeshResource> where,
      String path,
      List<EndpointSlice.Port> ports,
      Service service,
      Findings findings) {
    List<String> known = names(service);
    for (int i = 0; i < ports.size(); i++) {
      String name = ports.get(i).name();
      if (isOfMesh(ports.get(i)) && !known.contains(name)) {
        findings.add(
            DiagnosticCode.UNKNOWN_ENDPOINT_PORT,
            where,
            path.formatted(i),
            "'" + name + "' is no port of " + service.id() + " (expected: " + list(known) + ")",
            Suggestion.fix(name, known, DiagnosticCode.UNKNOWN_ENDPOINT_PORT.fix()));
      }
    }
  }

  /** An only port may have no name. */
  private static String list(List<String> names) {
    return names.equals(List.of("")) ? "no name" : Suggestion.list(names);
  }

  private static void missing(Service service, Set<String> told, Facts facts, Findings findings) {
    for (Located<Service> located : facts.all(Service.class)) {
      if (located.resource().equals(service)) {
        for (int i = 0; i < service.ports().size(); i++) {
          Service.Port port = service.ports().get(i);
          if (port.transport() == Transport.TCP && !told.contains(port.name())) {
            findings.add(
                DiagnosticCode.UNKNOWN_ENDPOINT_PORT,
                located,
                "spec.ports[" + i + "].name",
                "'" + port.name() + "' is a port of none of its EndpointSlices: nobody answers");
          }
        }
      }
    }
  }

  private static void hints(List<Located<EndpointSlice>> slices, Findings findings) {
    boolean some =
        slices.stream()
            .flatMap(slice -> slice.resource().endpoints().stream())
            .anyMatch(endpoint -> !endpoint.forZones().isEmpty());
    if (!some) {
      return;
    }
    for (Located<EndpointSlice> slice : slices) {
      List<EndpointSlice.Endpoint> endpoints = slice.resource().endpoints();
      for (int i = 0; i < endpoints.size(); i++) {
        if (endpoints.get(i).conditions().ready() && endpoints.get(i).forZones().isEmpty()) {
          findings.add(
              DiagnosticCode.HINTS_INCOMPLETE,
              slice,
              "endpoints[" + i + "].hints",
              endpoints.get(i).addresses().getFirst()
                  + " is ready and has none, and others of the Service have some");
          return;
        }
      }
    }
  }

  private static void old(Located<Endpoints> old, Facts facts, Findings findings) {
    List<Endpoints.Subset> subsets = old.resource().subsets();
    // Locks of leader elections are Endpoints without any.
    if (subsets.isEmpty()) {
      return;
    }
    Optional<Service> service =
        service(old, "metadata.name", old.resource().metadata().name(), facts, findings);
    if (service.isPresent()) {
      for (int i = 0; i < subsets.size(); i++) {
        String path = "subsets[" + i + "].ports[%d].name";
        ports(old, path, subsets.get(i).ports(), service.get(), findings);
      }
    }
  }
}
