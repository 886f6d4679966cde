package dev.meshctl.model.validation;

import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.DestinationRules;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.traffic.MeshService;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** DestinationRules: their hosts and subsets. */
final class DestinationRuleChecks {
  private DestinationRuleChecks() {}

  static void run(Facts facts, Findings findings) {
    Map<String, Located<DestinationRule>> byHost = new HashMap<>();
    for (Located<DestinationRule> located : facts.all(DestinationRule.class)) {
      DestinationRule rule = located.resource();
      String full = DestinationRules.fullHost(rule);
      Located<DestinationRule> earlier =
          byHost.putIfAbsent(rule.metadata().namespace() + "/" + full, located);
      if (earlier != null) {
        findings.add(
            DiagnosticCode.SEVERAL_DESTINATION_RULES,
            located,
            "spec.host",
            "'" + rule.host() + "' is the host of " + earlier.resource().id() + " too");
      }
      findings.addDuplicates(
          located,
          "spec.subsets[%d].name",
          rule.subsets().stream().map(DestinationRule.Subset::name).toList());
      host(located, full, facts, findings);
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
