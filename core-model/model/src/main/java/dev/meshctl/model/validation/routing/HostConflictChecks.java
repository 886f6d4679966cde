package dev.meshctl.model.validation.routing;

import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.resource.VirtualService.HttpMatch;
import dev.meshctl.model.resource.VirtualService.HttpRule;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.GatewayBindings;
import dev.meshctl.model.traffic.MeshRoutes;
import dev.meshctl.model.traffic.Precedence;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** VirtualServices that claim the same requests. */
final class HostConflictChecks {
  private HostConflictChecks() {}

  static void run(Facts facts, Findings findings) {
    Map<String, List<Located<VirtualService>>> byHost = new HashMap<>();
    List<Located<VirtualService>> all =
        facts.all(VirtualService.class).stream()
            .sorted((a, b) -> Precedence.ISTIO.compare(a.resource(), b.resource()))
            .toList();
    for (Located<VirtualService> second : all) {
      List<String> hosts = MeshRoutes.fullHosts(second.resource()).stream().distinct().toList();
      Set<ResourceId> compared = new HashSet<>();
      for (String host : hosts) {
        for (Located<VirtualService> first : byHost.getOrDefault(host, List.of())) {
          if (compared.add(first.resource().id())) {
            compare(first, second, findings);
          }
        }
      }
      for (String host : hosts) {
        byHost.computeIfAbsent(host, _ -> new ArrayList<>()).add(second);
      }
    }
  }

  private static void compare(
      Located<VirtualService> first, Located<VirtualService> second, Findings findings) {
    List<String> hosts = MeshRoutes.fullHosts(second.resource());
    for (int i = 0; i < hosts.size(); i++) {
      if (!MeshRoutes.fullHosts(first.resource()).contains(hosts.get(i))) {
        continue;
      }
      Optional<String> place =
          conflictInMesh(first.resource(), second.resource())
              ? Optional.of("inside the mesh")
              : conflictAtGateway(first.resource(), second.resource());
      if (place.isPresent()) {
        findings.add(
            DiagnosticCode.CONFLICTING_HOSTS,
            second,
            "spec.hosts[" + i + "]",
            "'"
                + second.resource().hosts().get(i)
                + "' is a host of "
                + first.resource().id()
                + " ("
                + first.at("spec.hosts")
                + ") too, "
                + place.get());
        return;
      }
    }
  }

  private static boolean conflictInMesh(VirtualService first, VirtualService second) {
    boolean sameNamespace = first.metadata().namespace().equals(second.metadata().namespace());
    return MeshRoutes.isForSidecars(first)
        && MeshRoutes.isForSidecars(second)
        && !isHidden(first)
        && !isHidden(second)
        && (sameNamespace || (isExported(first) && isExported(second)));
  }

  private static boolean isHidden(VirtualService virtualService) {
    return virtualService.exportTo().contains("~") && !isExported(virtualService);
  }

  private static boolean isExported(VirtualService virtualService) {
    return virtualService.exportTo().isEmpty() || virtualService.exportTo().contains("*");
  }

  /** At a gateway routes of one host are joined; two that match alike are not both in force. */
  private static Optional<String> conflictAtGateway(VirtualService first, VirtualService second) {
    List<String> firstGateways = fullGateways(first);
    Optional<String> shared =
        fullGateways(second).stream().filter(firstGateways::contains).findFirst();
    boolean alike =
        first.http().stream().anyMatch(a -> second.http().stream().anyMatch(b -> isAlike(a, b)));
    return shared.filter(gateway -> alike).map(gateway -> "at gateway " + gateway);
  }

  private static List<String> fullGateways(VirtualService virtualService) {
    return virtualService.gateways().stream()
        .map(name -> GatewayBindings.fullName(name, virtualService.metadata().namespace()))
        .filter(name -> !name.equals(MeshRoutes.MESH))
        .toList();
  }

  private static boolean isAlike(HttpRule a, HttpRule b) {
    if (VirtualServiceChecks.matchesEverything(a) && VirtualServiceChecks.matchesEverything(b)) {
      return true;
    }
    List<HttpMatch> others = b.match().stream().map(HostConflictChecks::unnamed).toList();
    return a.match().stream().map(HostConflictChecks::unnamed).anyMatch(others::contains);
  }

  private static HttpMatch unnamed(HttpMatch match) {
    return new HttpMatch(
        "",
        match.uri(),
        match.scheme(),
        match.method(),
        match.authority(),
        match.headers(),
        match.withoutHeaders(),
        match.queryParams(),
        match.ignoreUriCase(),
        match.port(),
        match.sourceLabels(),
        match.sourceNamespace(),
        match.gateways());
  }
}
