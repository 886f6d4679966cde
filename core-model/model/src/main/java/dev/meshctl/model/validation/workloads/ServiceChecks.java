package dev.meshctl.model.validation.workloads;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.PortRef;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.resource.Transport;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.Suggestion;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import dev.meshctl.model.validation.facts.Member;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Services: ports, selectors, aliases. */
final class ServiceChecks {
  private ServiceChecks() {}

  static void run(Facts facts, Findings findings) {
    Map<String, Located<Service>> nodePorts = new HashMap<>();
    for (Located<Service> service : facts.all(Service.class)) {
      ports(service, findings);
      nodePorts(service, nodePorts, findings);
      if (service.resource().type() == Service.Type.EXTERNAL_NAME) {
        aliasCircle(service, facts, findings);
      } else if (!service.resource().selector().isEmpty()) {
        workloads(service, facts, findings);
      }
    }
  }

  private static void ports(Located<Service> service, Findings findings) {
    List<Service.Port> ports = service.resource().ports();
    findings.addDuplicates(
        service, "spec.ports[%d].name", ports.stream().map(Service.Port::name).toList());
    Map<String, Integer> seen = new HashMap<>();
    for (int i = 0; i < ports.size(); i++) {
      Service.Port port = ports.get(i);
      Integer earlier = seen.putIfAbsent(port.transport() + " " + port.port(), i);
      if (earlier != null) {
        findings.add(
            DiagnosticCode.PORT_CONFLICT,
            service,
            "spec.ports[" + i + "].port",
            port.port() + " is that of spec.ports[" + earlier + "] too (expected: once)");
      }
      if (port.protocol() == AppProtocol.UNKNOWN
          && port.transport() == Transport.TCP
          && service.resource().type() != Service.Type.EXTERNAL_NAME) {
        findings.add(
            DiagnosticCode.UNNAMED_PROTOCOL,
            service,
            "spec.ports[" + i + "].name",
            "'" + port.name() + "' names no protocol; it is detected");
      }
    }
  }

  private static void nodePorts(
      Located<Service> service, Map<String, Located<Service>> taken, Findings findings) {
    for (int i = 0; i < service.resource().ports().size(); i++) {
      Service.Port port = service.resource().ports().get(i);
      int nodePort = port.nodePort();
      if (nodePort == 0) {
        continue;
      }
      Located<Service> owner = taken.putIfAbsent(port.transport() + " " + nodePort, service);
      if (owner != null) {
        findings.add(
            DiagnosticCode.NODE_PORT_CONFLICT,
            service,
            "spec.ports[" + i + "].nodePort",
            nodePort + " belongs to " + owner.resource().id() + " (" + owner.at("") + ")");
      }
    }
  }

  private static void aliasCircle(Located<Service> service, Facts facts, Findings findings) {
    String self =
        HostNames.ofService(
            service.resource().metadata().namespace(), service.resource().metadata().name());
    Set<String> seen = new HashSet<>();
    String host = self;
    while (seen.add(host)) {
      Optional<MeshService> next = facts.services().find(host);
      if (next.isEmpty() || !(next.get().backing() instanceof MeshService.Backing.Alias alias)) {
        return;
      }
      host = alias.externalName();
    }
    findings.add(
        DiagnosticCode.ALIAS_CIRCLE,
        service,
        "spec.externalName",
        "'" + service.resource().externalName() + "' leads back to " + host);
  }

  private static void workloads(Located<Service> located, Facts facts, Findings findings) {
    Service service = located.resource();
    Optional<MeshService> known =
        facts.services().service(service.metadata().namespace(), service.metadata().name());
    List<Member> workloads = known.map(facts::workloads).orElse(List.of());
    if (workloads.isEmpty() && !facts.hasEndpoints(service)) {
      findings.add(
          DiagnosticCode.SERVICE_WITHOUT_WORKLOAD,
          located,
          "spec.selector",
          new TreeMap<>(service.selector())
              + " matches no workload in "
              + service.metadata().namespace());
    }
    for (int i = 0; i < service.ports().size(); i++) {
      if (service.ports().get(i).targetPort() instanceof PortRef.Name(String name)) {
        targetPort(located, i, name, workloads, findings);
      }
    }
  }

  private static void targetPort(
      Located<Service> service, int index, String name, List<Member> workloads, Findings findings) {
    boolean somebody = workloads.stream().anyMatch(member -> member.ports().containsKey(name));
    for (Member workload : workloads) {
      List<String> names = List.copyOf(workload.ports().keySet());
      // One Pod or machine of several may well not listen there.
      if (!names.contains(name) && (workload.template() || !somebody)) {
        findings.add(
            DiagnosticCode.UNKNOWN_TARGET_PORT,
            service,
            "spec.ports[" + index + "].targetPort",
            "'"
                + name
                + "' is no port of "
                + workload.id()
                + " (expected: "
                + Suggestion.list(names)
                + ")",
            Suggestion.fix(name, names, DiagnosticCode.UNKNOWN_TARGET_PORT.fix()));
      }
    }
  }
}
