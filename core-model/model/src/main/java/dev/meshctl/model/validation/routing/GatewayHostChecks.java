package dev.meshctl.model.validation.routing;

import dev.meshctl.model.resource.IstioGateway;
import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.GatewayBindings;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.traffic.MeshRoutes;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Hosts at Istio Gateways: those that two claim, and those that none has. */
final class GatewayHostChecks {
  private static final String KIND = "Gateway.networking.istio.io";

  private GatewayHostChecks() {}

  static void run(Facts facts, Findings findings) {
    shared(facts, findings);
    for (Located<VirtualService> located : facts.all(VirtualService.class)) {
      VirtualService virtualService = located.resource();
      for (int i = 0; i < virtualService.hosts().size(); i++) {
        for (String name : virtualService.gateways()) {
          missing(located, i, name, facts, findings);
        }
      }
    }
  }

  /** One proxy, one port, one host: requests go to whichever comes first. */
  private static void shared(Facts facts, Findings findings) {
    Map<String, Located<IstioGateway>> claims = new HashMap<>();
    for (Located<IstioGateway> gateway : facts.all(IstioGateway.class)) {
      List<IstioGateway.Server> servers = gateway.resource().servers();
      for (int i = 0; i < servers.size(); i++) {
        for (int j = 0; j < servers.get(i).hosts().size(); j++) {
          String host = servers.get(i).hosts().get(j);
          String key =
              new TreeMap<>(gateway.resource().selector())
                  + " "
                  + servers.get(i).port()
                  + " "
                  + withoutNamespace(host);
          Located<IstioGateway> earlier = claims.putIfAbsent(key, gateway);
          if (earlier != null && !earlier.resource().id().equals(gateway.resource().id())) {
            findings.add(
                DiagnosticCode.GATEWAYS_SHARE_HOST,
                gateway,
                "spec.servers[" + i + "].hosts[" + j + "]",
                "'"
                    + host
                    + "' at port "
                    + servers.get(i).port()
                    + " is a host of "
                    + earlier.resource().id()
                    + " (same selector) too");
          }
        }
      }
    }
  }

  /** A host of a gateway may begin with the namespace of those that may use it. */
  private static String withoutNamespace(String host) {
    return host.substring(host.indexOf('/') + 1);
  }

  private static void missing(
      Located<VirtualService> located, int index, String name, Facts facts, Findings findings) {
    String full = GatewayBindings.fullName(name, located.resource().metadata().namespace());
    if (full.equals(MeshRoutes.MESH)) {
      return;
    }
    int slash = full.indexOf('/');
    Optional<IstioGateway> gateway =
        facts
            .find(KIND, full.substring(0, slash), full.substring(slash + 1))
            .map(IstioGateway.class::cast);
    String host = located.resource().hosts().get(index);
    String fullHost = HostNames.resolve(host, located.resource().metadata().namespace());
    boolean there =
        gateway.isEmpty()
            || gateway.get().servers().stream()
                .flatMap(server -> server.hosts().stream())
                .map(GatewayHostChecks::withoutNamespace)
                .anyMatch(known -> HostNames.intersect(known, fullHost).isPresent());
    // Services that a rule is for inside the mesh too are no hosts of gateways.
    boolean meantForMesh =
        located.resource().gateways().contains(MeshRoutes.MESH)
            && facts.services().find(fullHost).isPresent();
    if (!there && !meantForMesh) {
      findings.add(
          DiagnosticCode.HOST_NOT_AT_GATEWAY,
          located,
          "spec.hosts[" + index + "]",
          "'"
              + host
              + "' is no host of "
              + new ResourceId(KIND, full.substring(0, slash), full.substring(slash + 1)));
    }
  }
}
