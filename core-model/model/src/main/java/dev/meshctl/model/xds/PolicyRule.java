package dev.meshctl.model.xds;

import dev.meshctl.model.resource.ResourceId;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A rule of an AuthorizationPolicy, as it is named among {@link AccessRules}, in logs and
 * statistics: {@code ns[shop]-policy[readers]-rule[0]}, as in Istio.
 *
 * @param index from 0
 */
public record PolicyRule(String namespace, String policy, int index) {
  private static final Pattern NAME =
      Pattern.compile("ns\\[(.*)]-policy\\[(.*)]-rule\\[(\\d{1,6})]");

  /** The rule of a name; empty where it is none. */
  public static Optional<PolicyRule> parse(String name) {
    Matcher rule = NAME.matcher(name);
    return rule.matches()
        ? Optional.of(new PolicyRule(rule.group(1), rule.group(2), Integer.parseInt(rule.group(3))))
        : Optional.empty();
  }

  public String name() {
    return "ns[%s]-policy[%s]-rule[%d]".formatted(namespace, policy, index);
  }

  public ResourceId resource() {
    return new ResourceId("AuthorizationPolicy", namespace, policy);
  }

  /** Path of the rule in its resource. */
  public String field() {
    return "spec.rules[" + index + "]";
  }
}
