package dev.meshctl.model.explain.security;

import dev.meshctl.model.match.CompiledAccess;
import dev.meshctl.model.match.ConnectionFacts;
import dev.meshctl.model.xds.AccessControl;
import dev.meshctl.model.xds.AccessRules;
import dev.meshctl.model.xds.AccessRules.Condition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Access rules with all that is known of a connection put in: what is left asks about requests
 * alone, and decides each of them as the whole does.
 *
 * <p>Thread: any.
 */
final class ReducedRules {
  private static final Condition ALWAYS = new Condition.Always();
  private static final Condition NEVER = new Condition.Not(ALWAYS);

  private final ConnectionFacts facts;

  /** False where addresses are made up, or are those of one replica of several. */
  private final boolean addressesKnown;

  private ReducedRules(ConnectionFacts facts, boolean addressesKnown) {
    this.facts = facts;
    this.addressesKnown = addressesKnown;
  }

  /** Rules that can match no request are left out. */
  static List<AccessControl> of(
      List<AccessControl> controls, ConnectionFacts facts, boolean addressesKnown) {
    ReducedRules reducing = new ReducedRules(facts, addressesKnown);
    List<AccessControl> reduced = new ArrayList<>();
    for (AccessControl control : controls) {
      if (control.rules().isPresent()) {
        reduced.add(AccessControl.enforcing(reducing.reduced(control.rules().get())));
      }
    }
    return reduced;
  }

  /** It matches every request. */
  static boolean isAlways(AccessRules.Policy policy) {
    return policy.permissions().contains(ALWAYS) && policy.principals().contains(ALWAYS);
  }

  private AccessRules reduced(AccessRules rules) {
    Map<String, AccessRules.Policy> left = new LinkedHashMap<>();
    rules
        .policies()
        .forEach((name, policy) -> reduced(policy).ifPresent(still -> left.put(name, still)));
    return new AccessRules(rules.action(), left);
  }

  private Optional<AccessRules.Policy> reduced(AccessRules.Policy policy) {
    Condition permissions = reduced(new Condition.AnyOf(policy.permissions()));
    Condition principals = reduced(new Condition.AnyOf(policy.principals()));
    return permissions.equals(NEVER) || principals.equals(NEVER)
        ? Optional.empty()
        : Optional.of(new AccessRules.Policy(alternatives(permissions), alternatives(principals)));
  }

  private static List<Condition> alternatives(Condition condition) {
    return condition instanceof Condition.AnyOf(var of) ? of : List.of(condition);
  }

  private Condition reduced(Condition condition) {
    return switch (condition) {
      case Condition.Always _ -> ALWAYS;
      case Condition.All(var of) -> all(of);
      case Condition.AnyOf(var of) -> anyOf(of);
      case Condition.Not(var of) -> not(reduced(of));
      case Condition.Header _, Condition.UrlPath _ -> condition;
      case Condition.SourceIp _, Condition.DestinationIp _ ->
          addressesKnown ? known(condition) : condition;
      case Condition.DestinationPort _, Condition.ServerName _, Condition.Authenticated _ ->
          known(condition);
    };
  }

  private Condition all(List<Condition> of) {
    List<Condition> left =
        of.stream().map(this::reduced).filter(each -> !each.equals(ALWAYS)).toList();
    if (left.contains(NEVER)) {
      return NEVER;
    }
    return switch (left.size()) {
      case 0 -> ALWAYS;
      case 1 -> left.getFirst();
      default -> new Condition.All(left);
    };
  }

  private Condition anyOf(List<Condition> of) {
    List<Condition> left =
        of.stream().map(this::reduced).filter(each -> !each.equals(NEVER)).toList();
    if (left.contains(ALWAYS)) {
      return ALWAYS;
    }
    return switch (left.size()) {
      case 0 -> NEVER;
      case 1 -> left.getFirst();
      default -> new Condition.AnyOf(left);
    };
  }

  private static Condition not(Condition of) {
    if (of.equals(ALWAYS)) {
      return NEVER;
    }
    return of.equals(NEVER) ? ALWAYS : new Condition.Not(of);
  }

  /** By the evaluator itself. */
  private Condition known(Condition condition) {
    AccessControl alone =
        AccessControl.enforcing(
            new AccessRules(
                AccessRules.Action.ALLOW,
                Map.of("alone", new AccessRules.Policy(List.of(ALWAYS), List.of(condition)))));
    return CompiledAccess.compile(alone).decide(null, facts)
            instanceof CompiledAccess.Decision.Allowed
        ? ALWAYS
        : NEVER;
  }
}
