package dev.meshctl.model.validation.security;

import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.resource.DestinationRule.TlsMode;
import dev.meshctl.model.resource.PeerAuthentication;
import dev.meshctl.model.resource.PortRef;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.DestinationRules;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import dev.meshctl.model.validation.facts.Member;
import java.util.HashMap;
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
      Optional<Member> strict =
          facts.workloads(service).stream()
              .filter(member -> member.carries(labels))
              .filter(member -> isStrict(member, service, facts))
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

  private static boolean isStrict(Member member, MeshService service, Facts facts) {
    return service.ports().stream()
        .map(port -> number(port.target(), member))
        .anyMatch(port ->
            facts.peerModes().mode(member.id().namespace(), member.labels(), port)
                == PeerAuthentication.Mode.STRICT);
  }

  private static int number(PortRef target, Member member) {
    return switch (target) {
      case PortRef.Number(int port) -> port;
      case PortRef.Name(String name) -> member.ports().getOrDefault(name, 0);
    };
  }
}
