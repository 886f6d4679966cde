package dev.meshctl.model.validation;

import dev.meshctl.model.resource.Deployment;
import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.resource.DestinationRule.TlsMode;
import dev.meshctl.model.resource.PeerAuthentication;
import dev.meshctl.model.resource.PortRef;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.DestinationRules;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.traffic.MeshService;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Mutual TLS: what clients send against what workloads accept. */
final class SecurityChecks {
  private SecurityChecks() {}

  static void run(Facts facts, Findings findings) {
    Map<String, Located<PeerAuthentication>> scopes = new HashMap<>();
    for (Located<PeerAuthentication> located : facts.all(PeerAuthentication.class)) {
      PeerAuthentication policy = located.resource();
      String scope = policy.metadata().namespace() + new TreeMap<>(policy.selector());
      Located<PeerAuthentication> earlier = scopes.putIfAbsent(scope, located);
      if (earlier != null) {
        findings.add(
            DiagnosticCode.SEVERAL_PEER_AUTHENTICATIONS,
            located,
            "metadata.name",
            "has the scope of " + earlier.resource().id());
      }
    }
    for (Located<DestinationRule> located : facts.all(DestinationRule.class)) {
      DestinationRule rule = located.resource();
      rule.trafficPolicy()
          .ifPresent(
              policy -> check(located, "spec.trafficPolicy", policy, Map.of(), facts, findings));
      for (int i = 0; i < rule.subsets().size(); i++) {
        DestinationRule.Subset subset = rule.subsets().get(i);
        String path = "spec.subsets[" + i + "].trafficPolicy";
        subset
            .trafficPolicy()
            .ifPresent(policy -> check(located, path, policy, subset.labels(), facts, findings));
      }
    }
  }

  private static void check(
      Located<DestinationRule> located,
      String path,
      DestinationRule.TrafficPolicy policy,
      Map<String, String> labels,
      Facts facts,
      Findings findings) {
    Optional<TlsMode> mode = policy.tls();
    if (mode.isEmpty() || (mode.get() != TlsMode.DISABLE && mode.get() != TlsMode.SIMPLE)) {
      return;
    }
    String host = DestinationRules.fullHost(located.resource());
    for (MeshService service : facts.services().all()) {
      if (!HostNames.matches(host, service.hostname())) {
        continue;
      }
      Optional<Deployment> strict =
          facts.workloads(service).stream()
              .filter(w -> w.template().labels().entrySet().containsAll(labels.entrySet()))
              .filter(workload -> isStrict(workload, service, facts))
              .findFirst();
      if (strict.isPresent()) {
        findings.add(
            DiagnosticCode.MTLS_CONFLICT,
            located,
            path + ".tls.mode",
            mode.get() + ", but " + strict.get().id() + " accepts mutual TLS only (STRICT)");
        return;
      }
    }
  }

  private static boolean isStrict(Deployment workload, MeshService service, Facts facts) {
    String namespace = workload.metadata().namespace();
    return service.ports().stream()
        .map(port -> number(port.target(), workload.template().containers()))
        .anyMatch(port ->
            facts.peerModes().mode(namespace, workload.template().labels(), port)
                == PeerAuthentication.Mode.STRICT);
  }

  private static int number(PortRef target, List<Deployment.Container> containers) {
    return switch (target) {
      case PortRef.Number(int port) -> port;
      case PortRef.Name(String name) ->
          containers.stream()
              .flatMap(container -> container.ports().stream())
              .filter(port -> port.name().equals(name))
              .mapToInt(Deployment.ContainerPort::port)
              .findFirst()
              .orElse(0);
    };
  }
}
