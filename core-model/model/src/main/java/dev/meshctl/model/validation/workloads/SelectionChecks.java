package dev.meshctl.model.validation.workloads;

import dev.meshctl.model.resource.AuthorizationPolicy;
import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.PeerAuthentication;
import dev.meshctl.model.resource.Sidecar;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import dev.meshctl.model.validation.facts.Member;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What selects workloads by their labels: that there are some. */
final class SelectionChecks {
  private SelectionChecks() {}

  static void run(Facts facts, Findings findings) {
    for (Located<AuthorizationPolicy> policy : facts.all(AuthorizationPolicy.class)) {
      check(policy, "spec.selector.matchLabels", policy.resource().selector(), facts, findings);
    }
    for (Located<PeerAuthentication> policy : facts.all(PeerAuthentication.class)) {
      check(policy, "spec.selector.matchLabels", policy.resource().selector(), facts, findings);
    }
    for (Located<Sidecar> sidecar : facts.all(Sidecar.class)) {
      check(
          sidecar,
          "spec.workloadSelector.labels",
          sidecar.resource().workloadSelector(),
          facts,
          findings);
    }
    for (Located<DestinationRule> rule : facts.all(DestinationRule.class)) {
      check(
          rule,
          "spec.workloadSelector.matchLabels",
          rule.resource().workloadSelector(),
          facts,
          findings);
    }
  }

  private static void check(
      Located<? extends MeshResource> located,
      String path,
      Map<String, String> selector,
      Facts facts,
      Findings findings) {
    String namespace = located.resource().metadata().namespace();
    boolean everywhere = namespace.equals(facts.rootNamespace());
    List<Member> candidates = everywhere ? facts.members() : facts.members(namespace);
    // Gateways are nobody's to write: a mesh on one machine brings its own.
    boolean certain = !selector.isEmpty() && !facts.membersMayExist();
    if (certain
        && candidates.stream().noneMatch(member -> member.carries(selector))
        && !Gateways.isOurs(selector)) {
      findings.add(
          DiagnosticCode.SELECTS_NO_WORKLOAD,
          located,
          path,
          new TreeMap<>(selector)
              + " matches no workload"
              + (everywhere ? "" : " in " + namespace));
    }
  }

  /** Those that no folder declares. */
  private static final class Gateways {
    private static final Map<String, String> LABELS =
        Map.of("app", "istio-ingressgateway", "istio", "ingressgateway");

    static boolean isOurs(Map<String, String> selector) {
      return LABELS.entrySet().containsAll(selector.entrySet());
    }
  }
}
