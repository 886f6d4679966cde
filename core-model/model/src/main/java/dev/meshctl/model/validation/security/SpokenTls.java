package dev.meshctl.model.validation.security;

import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.resource.DestinationRule.TlsMode;
import dev.meshctl.model.resource.DestinationRule.TrafficPolicy;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.DestinationRules;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;

/**
 * What a DestinationRule tells clients to speak, for a whole host or for a subset.
 *
 * @param path of the mode in the rule
 * @param labels of the subset's workloads
 */
record SpokenTls(
    Located<DestinationRule> rule, String path, TlsMode mode, Map<String, String> labels) {
  /** All that is said, rule by rule. */
  static List<SpokenTls> all(Facts facts) {
    List<SpokenTls> all = new ArrayList<>();
    for (Located<DestinationRule> located : facts.all(DestinationRule.class)) {
      DestinationRule rule = located.resource();
      add(all, located, "spec.trafficPolicy", rule.trafficPolicy(), Map.of());
      for (int i = 0; i < rule.subsets().size(); i++) {
        DestinationRule.Subset subset = rule.subsets().get(i);
        String path = "spec.subsets[" + i + "].trafficPolicy";
        add(all, located, path, subset.trafficPolicy(), subset.labels());
      }
    }
    return all;
  }

  private static void add(
      List<SpokenTls> all,
      Located<DestinationRule> rule,
      String path,
      Optional<TrafficPolicy> policy,
      Map<String, String> labels) {
    policy
        .flatMap(TrafficPolicy::tls)
        .ifPresent(mode -> all.add(new SpokenTls(rule, path + ".tls.mode", mode, labels)));
  }

  /** The first workload that is spoken to so and is {@code such} as one of the service. */
  Optional<Member> first(Facts facts, BiPredicate<MeshService, Member> such) {
    String host = DestinationRules.fullHost(rule.resource());
    return facts.services().all().stream()
        .filter(service -> HostNames.matches(host, service.hostname()))
        .flatMap(service ->
            facts.workloads(service).stream()
                .filter(member -> member.carries(labels) && such.test(service, member)))
        .findFirst();
  }
}
