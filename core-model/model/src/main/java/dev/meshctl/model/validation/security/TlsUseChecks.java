package dev.meshctl.model.validation.security;

import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.resource.DestinationRule.TlsMode;
import dev.meshctl.model.resource.DestinationRule.TrafficPolicy;
import dev.meshctl.model.resource.PeerAuthentication.Mode;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.DestinationRules;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import dev.meshctl.model.validation.facts.Member;
import java.util.Map;
import java.util.Optional;

/** Mutual TLS that clients are told to speak to workloads that take none. */
final class TlsUseChecks {
  private TlsUseChecks() {}

  static void run(Facts facts, Findings findings) {
    for (Located<DestinationRule> located : facts.all(DestinationRule.class)) {
      DestinationRule rule = located.resource();
      rule.trafficPolicy()
          .ifPresent(policy ->
              check(located, "spec.trafficPolicy.tls.mode", policy, Map.of(), facts, findings));
      for (int i = 0; i < rule.subsets().size(); i++) {
        DestinationRule.Subset subset = rule.subsets().get(i);
        String path = "spec.subsets[" + i + "].trafficPolicy.tls.mode";
        subset
            .trafficPolicy()
            .ifPresent(policy -> check(located, path, policy, subset.labels(), facts, findings));
      }
    }
  }

  private static void check(
      Located<DestinationRule> located,
      String path,
      TrafficPolicy policy,
      Map<String, String> labels,
      Facts facts,
      Findings findings) {
    if (policy.tls().filter(mode -> mode == TlsMode.ISTIO_MUTUAL).isEmpty()) {
      return;
    }
    String host = DestinationRules.fullHost(located.resource());
    for (MeshService service : facts.services().all()) {
      if (!HostNames.matches(host, service.hostname())) {
        continue;
      }
      Optional<Member> without =
          facts.workloads(service).stream()
              .filter(member -> member.carries(labels))
              .filter(member ->
                  facts.peerModes().mode(service.namespace(), member.labels(), 0) == Mode.DISABLE)
              .findFirst();
      if (without.isPresent()) {
        findings.add(
            DiagnosticCode.MUTUAL_TLS_NOT_TAKEN,
            located,
            path,
            "ISTIO_MUTUAL, but " + without.get().id() + " takes no TLS of the mesh (DISABLE)");
        return;
      }
    }
  }
}
