package dev.meshctl.model.validation.routing;

import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.DestinationRules;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.traffic.Precedence;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import dev.meshctl.model.validation.facts.Member;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** DestinationRules: their hosts and subsets. */
final class DestinationRuleChecks {
  private DestinationRuleChecks() {}

  static void run(Facts facts, Findings findings) {
    Map<String, Located<DestinationRule>> byHost = new HashMap<>();
    List<Located<DestinationRule>> all =
        facts.all(DestinationRule.class).stream()
            .sorted((a, b) -> Precedence.ISTIO.compare(a.resource(), b.resource()))
            .toList();
    for (Located<DestinationRule> located : all) {
      DestinationRule rule = located.resource();
      String full = DestinationRules.fullHost(rule);
      Located<DestinationRule> earlier =
          byHost.putIfAbsent(
              rule.metadata().namespace() + "/" + full + new TreeMap<>(rule.workloadSelector()),
              located);
      if (earlier != null) {
        several(earlier.resource(), located, findings);
      }
      findings.addDuplicates(
          located,
          "spec.subsets[%d].name",
          rule.subsets().stream().map(DestinationRule.Subset::name).toList());
      host(located, full, facts, findings);
    }
  }

  /** What of a rule is not in force beside an earlier one of its host. */
  private static void several(
      DestinationRule first, Located<DestinationRule> located, Findings findings) {
    DestinationRule rule = located.resource();
    if (!Set.copyOf(first.exportTo()).equals(Set.copyOf(rule.exportTo()))) {
      findings.add(
          DiagnosticCode.SEVERAL_DESTINATION_RULES,
          located,
          "spec.host",
          "'" + rule.host() + "' is the host of " + first.id() + ", which is exported otherwise");
      return;
    }
    if (first.trafficPolicy().isPresent() && rule.trafficPolicy().isPresent()) {
      findings.add(
          DiagnosticCode.SEVERAL_DESTINATION_RULES,
          located,
          "spec.trafficPolicy",
          "is not in force beside that of " + first.id());
    }
    Set<String> known =
        first.subsets().stream().map(DestinationRule.Subset::name).collect(Collectors.toSet());
    for (int i = 0; i < rule.subsets().size(); i++) {
      if (known.contains(rule.subsets().get(i).name())) {
        findings.add(
            DiagnosticCode.SEVERAL_DESTINATION_RULES,
            located,
            "spec.subsets[" + i + "].name",
            "'" + rule.subsets().get(i).name() + "' is a subset of " + first.id() + " already");
      }
    }
  }

  private static void host(
      Located<DestinationRule> located, String full, Facts facts, Findings findings) {
    if (HostNames.isWildcard(full)) {
      return;
    }
    String namespace = located.resource().metadata().namespace();
    Optional<MeshService> service = facts.services().find(full);
    if (service.isPresent()) {
      subsets(located, service.get(), facts, findings);
    } else if (!facts.hostMayExist(full)) {
      findings.add(
          DiagnosticCode.UNSERVED_HOST,
          located,
          "spec.host",
          "'" + located.resource().host() + "' is no service of the mesh",
          Destinations.hostFix(located.resource().host(), namespace, facts));
    }
  }

  private static void subsets(
      Located<DestinationRule> located, MeshService service, Facts facts, Findings findings) {
    List<Member> members = facts.workloads(facts.services().behind(service));
    if (members.isEmpty()) {
      return;
    }
    List<DestinationRule.Subset> subsets = located.resource().subsets();
    for (int i = 0; i < subsets.size(); i++) {
      Map<String, String> labels = subsets.get(i).labels();
      if (members.stream().noneMatch(member -> member.carries(labels))) {
        findings.add(
            DiagnosticCode.EMPTY_SUBSET,
            located,
            "spec.subsets[" + i + "].labels",
            new TreeMap<>(labels) + " matches no workload of " + service.hostname());
      }
    }
  }
}
