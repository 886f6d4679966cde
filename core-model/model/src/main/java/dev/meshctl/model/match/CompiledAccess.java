package dev.meshctl.model.match;

import com.google.re2j.PatternSyntaxException;
import dev.meshctl.model.xds.AccessControl;
import dev.meshctl.model.xds.AccessRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A compiled {@link AccessControl}: the one evaluator of access rules, for requests and
 * connections.
 *
 * <p>Deciding makes no garbage unless a regex is tried or {@code x-forwarded-for} is asked.
 *
 * <p>Thread: any.
 */
public final class CompiledAccess {
  /** Nothing is refused. */
  public static final CompiledAccess NONE = new CompiledAccess(AccessControl.NONE);

  private final @Nullable Rules rules;
  private final @Nullable Rules shadow;

  private CompiledAccess(AccessControl control) {
    rules = control.rules().map(Rules::new).orElse(null);
    shadow = control.shadow().map(Rules::new).orElse(null);
  }

  /**
   * Compiles {@code control}.
   *
   * @throws IllegalArgumentException where a regex is none of RE2 or an address is none, naming it
   */
  public static CompiledAccess compile(AccessControl control) {
    try {
      return new CompiledAccess(control);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "regex " + e.getPattern() + ": " + e.getDescription() + " (expected: RE2 syntax)", e);
    }
  }

  /** What rules come to. */
  public sealed interface Decision {
    /** Nothing forbids it. */
    record Allowed() implements Decision {}

    /**
     * It is refused.
     *
     * @param policy that denies it; empty where no policy allows it
     */
    record Denied(String policy) implements Decision {}
  }

  private static final Decision ALLOWED = new Decision.Allowed();
  private static final Decision NOT_ALLOWED = new Decision.Denied("");

  /**
   * Whether it may pass.
   *
   * @param request borrowed; null for a connection as such
   */
  public Decision decide(@Nullable RequestView request, ConnectionFacts connection) {
    return rules == null ? ALLOWED : rules.decide(request, connection);
  }

  /** There are shadow rules to report on. */
  public boolean hasShadow() {
    return shadow != null;
  }

  /** What the shadow rules would decide. */
  public Decision decideShadow(@Nullable RequestView request, ConnectionFacts connection) {
    return shadow == null ? ALLOWED : shadow.decide(request, connection);
  }

  /** Rules of one action. */
  private static final class Rules {
    private final AccessRules.Action action;
    private final List<NamedPolicy> policies;

    Rules(AccessRules config) {
      action = config.action();
      policies = new ArrayList<>();
      config.policies().forEach((name, policy) -> policies.add(new NamedPolicy(name, policy)));
    }

    Decision decide(@Nullable RequestView request, ConnectionFacts connection) {
      Optional<NamedPolicy> found = Optional.empty();
      for (int i = 0; i < policies.size(); i++) {
        if (policies.get(i).matches(request, connection)) {
          found = policies.get(i).itself;
          break;
        }
      }
      return switch (action) {
        case LOG -> ALLOWED;
        case ALLOW -> found.isPresent() ? ALLOWED : NOT_ALLOWED;
        case DENY -> found.isPresent() ? found.get().denial : ALLOWED;
      };
    }
  }

  /** A policy with what it answers ready. */
  private static final class NamedPolicy {
    private final AccessTest permissions;
    private final AccessTest principals;
    private final Decision denial;
    private final Optional<NamedPolicy> itself = Optional.of(this);

    NamedPolicy(String name, AccessRules.Policy policy) {
      permissions = AccessTest.anyOf(policy.permissions());
      principals = AccessTest.anyOf(policy.principals());
      denial = new Decision.Denied(name);
    }

    boolean matches(@Nullable RequestView request, ConnectionFacts connection) {
      return permissions.matches(request, connection) && principals.matches(request, connection);
    }
  }
}
