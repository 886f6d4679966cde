package dev.meshctl.model.validation.workloads;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.PodTemplate;
import dev.meshctl.model.resource.PortRef;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.resource.Workload;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Ports of Services against those of their workloads, and against each other. */
final class PortChecks {
  private PortChecks() {}

  /** A port of a Service as a workload sees it. */
  private record Claim(Located<Service> service, int index, Service.Port port) {}

  static void run(Facts facts, Findings findings) {
    for (Workload workload : Workload.topmost(facts.plain())) {
      Map<Integer, List<Claim>> claims = new TreeMap<>();
      for (Located<Service> service : facts.all(Service.class)) {
        if (selects(service.resource(), workload)) {
          claim(service, workload, claims);
        }
      }
      Set<Integer> declared = declared(workload);
      claims.forEach((port, all) -> {
        protocols(workload, port, all, findings);
        if (!declared.isEmpty() && !declared.contains(port)) {
          undeclared(workload, port, all.getFirst(), declared, findings);
        }
      });
    }
  }

  private static boolean selects(Service service, Workload workload) {
    return service.metadata().namespace().equals(workload.metadata().namespace())
        && !service.selector().isEmpty()
        && workload.template().labels().entrySet().containsAll(service.selector().entrySet());
  }

  private static void claim(
      Located<Service> service, Workload workload, Map<Integer, List<Claim>> claims) {
    Map<String, Integer> named = PodTemplate.namedPorts(workload.template().containers());
    List<Service.Port> ports = service.resource().ports();
    for (int i = 0; i < ports.size(); i++) {
      int target =
          switch (ports.get(i).targetPort()) {
            case PortRef.Number(int number) -> number;
            case PortRef.Name(String name) -> named.getOrDefault(name, 0);
          };
      if (target != 0 && ports.get(i).protocol() != AppProtocol.UDP) {
        claims
            .computeIfAbsent(target, key -> new ArrayList<>())
            .add(new Claim(service, i, ports.get(i)));
      }
    }
  }

  private static Set<Integer> declared(Workload workload) {
    return workload.template().containers().stream()
        .flatMap(container -> container.ports().stream())
        .map(PodTemplate.ContainerPort::port)
        .collect(Collectors.toSet());
  }

  /** The workload's sidecar reads a port in one way. */
  private static void protocols(
      Workload workload, int port, List<Claim> claims, Findings findings) {
    Claim first = claims.getFirst();
    for (Claim other : claims.subList(1, claims.size())) {
      if (other.port().protocol() != first.port().protocol()) {
        findings.add(
            DiagnosticCode.PROTOCOLS_DIFFER,
            other.service(),
            "spec.ports[" + other.index() + "]",
            "port "
                + port
                + " of "
                + workload.id()
                + " speaks "
                + other.port().protocol()
                + " here and "
                + first.port().protocol()
                + " for "
                + first.service().resource().id());
        return;
      }
    }
  }

  private static void undeclared(
      Workload workload, int port, Claim claim, Set<Integer> declared, Findings findings) {
    findings.add(
        DiagnosticCode.PORT_NOT_DECLARED,
        claim.service(),
        "spec.ports[" + claim.index() + "].targetPort",
        port
            + " is no container port of "
            + workload.id()
            + " (it has: "
            + declared.stream().sorted().map(String::valueOf).collect(Collectors.joining(", "))
            + ")");
  }
}
