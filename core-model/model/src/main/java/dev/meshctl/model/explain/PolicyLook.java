package dev.meshctl.model.explain;

import dev.meshctl.model.explain.Admittance.Looked;
import dev.meshctl.model.explain.Admittance.Verdict;
import dev.meshctl.model.match.CompiledAccess;
import dev.meshctl.model.match.ConnectionFacts;
import dev.meshctl.model.match.RequestView;
import dev.meshctl.model.resource.AuthorizationPolicy;
import dev.meshctl.model.resource.AuthorizationPolicy.Action;
import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.xds.AccessControl;
import dev.meshctl.model.xds.AccessRules;
import dev.meshctl.model.xds.AccessRules.Condition;
import dev.meshctl.model.xds.PolicyRule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Each policy of a port by itself: rule by rule as the proxy has them, and those that gave it none.
 *
 * <p>Thread: one.
 */
final class PolicyLook {
  private final Scene scene;

  /** Those that speak of the port, whether or not they gave a rule. */
  private final List<AuthorizationPolicy> speaking;

  private final List<Looked> looked = new ArrayList<>();

  PolicyLook(Scene scene, List<AuthorizationPolicy> speaking) {
    this.scene = scene;
    this.speaking = speaking;
  }

  List<Looked> at(
      List<AccessControl> controls, ConnectionFacts facts, @Nullable RequestView request) {
    boolean decided = false;
    for (AccessRules.Action action : List.of(AccessRules.Action.DENY, AccessRules.Action.ALLOW)) {
      for (AccessControl control : controls) {
        Optional<AccessRules> rules = control.rules().filter(present -> present.action() == action);
        if (rules.isPresent()) {
          boolean matched = rules(rules.get(), facts, request, decided);
          decided |= matched && action == AccessRules.Action.DENY;
        }
      }
      without(action, controls, decided);
    }
    speaking.stream()
        .filter(policy -> policy.action() == Action.AUDIT)
        .forEach(policy -> add(policy, Verdict.NOT_ASKED, "AUDIT decides nothing"));
    return looked;
  }

  /** True where one matches; those behind it are asked no more. */
  private boolean rules(
      AccessRules rules, ConnectionFacts facts, @Nullable RequestView request, boolean decided) {
    boolean over = decided;
    boolean matched = false;
    for (Map.Entry<String, AccessRules.Policy> each : rules.policies().entrySet()) {
      if (over) {
        add(each.getKey(), rules.action(), Verdict.NOT_ASKED, "");
      } else if (matches(each.getValue(), facts, request)) {
        String asks = AccessWords.words(each.getValue());
        add(
            each.getKey(),
            rules.action(),
            Verdict.MATCHED,
            asks.isEmpty() ? "it asks for nothing" : asks);
        matched = true;
        over = true;
      } else {
        add(
            each.getKey(),
            rules.action(),
            Verdict.NOT_MATCHED,
            "wanted: " + unmet(each.getValue(), facts, request));
      }
    }
    return matched;
  }

  private static boolean matches(
      AccessRules.Policy policy, ConnectionFacts facts, @Nullable RequestView request) {
    AccessControl alone =
        AccessControl.enforcing(new AccessRules(AccessRules.Action.ALLOW, Map.of("alone", policy)));
    return CompiledAccess.compile(alone).decide(request, facts)
        instanceof CompiledAccess.Decision.Allowed;
  }

  /** Of what it asks for, the half that is not met, or both. */
  private static String unmet(
      AccessRules.Policy policy, ConnectionFacts facts, @Nullable RequestView request) {
    List<Condition> anything = List.of(new Condition.Always());
    List<String> unmet = new ArrayList<>();
    if (!matches(new AccessRules.Policy(anything, policy.principals()), facts, request)) {
      unmet.add(AccessWords.anyOf(policy.principals()));
    }
    if (!matches(new AccessRules.Policy(policy.permissions(), anything), facts, request)) {
      unmet.add(AccessWords.anyOf(policy.permissions()));
    }
    return String.join(", ", unmet);
  }

  /** Policies of an action that have no rule among those of the proxy. */
  private void without(AccessRules.Action action, List<AccessControl> controls, boolean decided) {
    Set<ResourceId> asked = new HashSet<>();
    for (AccessControl control : controls) {
      control
          .rules()
          .ifPresent(rules ->
              rules.policies().keySet().stream()
                  .flatMap(name -> PolicyRule.parse(name).stream())
                  .forEach(rule -> asked.add(rule.resource())));
    }
    boolean allows = action == AccessRules.Action.ALLOW;
    for (AuthorizationPolicy policy : speaking) {
      boolean ofAction =
          allows
              ? policy.action() == Action.ALLOW
              : policy.action() == Action.DENY || policy.action() == Action.CUSTOM;
      if (ofAction && !asked.contains(policy.id())) {
        String why =
            policy.rules().isEmpty()
                ? "it has no rules, so it " + (allows ? "allows nothing" : "denies nothing")
                : "what its rules ask for cannot be asked here, so it "
                    + (allows ? "allows nothing" : "denies nothing");
        add(policy, decided ? Verdict.NOT_ASKED : Verdict.NOT_MATCHED, decided ? "" : why);
      }
    }
  }

  private void add(AuthorizationPolicy policy, Verdict verdict, String why) {
    looked.add(
        new Looked(
            policy.action().name(),
            policy.metadata().namespace() + "/" + policy.metadata().name(),
            verdict,
            why,
            scene.source(policy.id(), "spec").orElse(null)));
  }

  private void add(String name, AccessRules.Action action, Verdict verdict, String why) {
    Optional<PolicyRule> rule = PolicyRule.parse(name);
    String written =
        rule.flatMap(known ->
                speaking.stream()
                    .filter(policy -> policy.id().equals(known.resource()))
                    .findFirst())
            .map(policy -> policy.action().name())
            .orElse(action.name());
    looked.add(
        new Looked(
            written,
            rule.map(known -> known.namespace() + "/" + known.policy()).orElse(name),
            verdict,
            written.equals("CUSTOM") && verdict == Verdict.MATCHED
                ? why + " (it asks somebody who is not there, so it denies)"
                : why,
            scene.rule(name).orElse(null)));
  }
}
