package dev.meshctl.model.resource;

import java.util.List;
import java.util.Map;

/**
 * Istio {@code security.istio.io/AuthorizationPolicy}. An empty selector is the whole namespace, of
 * the root namespace the whole mesh.
 *
 * @param selector labels of the workloads that are meant
 * @param targets in place of the selector where there are any: what is meant, in the policy's own
 *     namespace
 * @param rules any of which matches; none match nothing
 */
public record AuthorizationPolicy(
    Metadata metadata,
    Map<String, String> selector,
    List<Target> targets,
    Action action,
    List<Rule> rules)
    implements MeshResource {
  public AuthorizationPolicy {
    selector = Map.copyOf(selector);
    targets = List.copyOf(targets);
    rules = List.copyOf(rules);
  }

  @Override
  public String kind() {
    return "AuthorizationPolicy";
  }

  /** One of {@code targetRefs}. */
  public record Target(TargetKind kind, String name) {}

  /** What a policy can be attached to. */
  public enum TargetKind {
    /** Of the Gateway API: what comes to its listeners. */
    GATEWAY,
    /** What comes to the ports where its workloads listen for it. */
    SERVICE
  }

  /** {@code action}. */
  public enum Action {
    ALLOW,
    DENY,
    AUDIT,
    CUSTOM
  }

  /**
   * Any of {@code from}, any of {@code to} and all of {@code when}; empty lists are anything.
   *
   * @param notApplied it asks for something that is not known here
   */
  public record Rule(List<Tests> from, List<Tests> to, List<Condition> when, boolean notApplied) {
    public Rule {
      from = List.copyOf(from);
      to = List.copyOf(to);
      when = List.copyOf(when);
    }
  }

  /** One source or operation: for each field name its values, and those of its {@code not} twin. */
  public record Tests(List<Condition> fields) {
    public Tests {
      fields = List.copyOf(fields);
    }
  }

  /**
   * One of {@code values}, unless empty, and none of {@code notValues}.
   *
   * @param key of a condition, or the name of a field such as {@code principals}
   */
  public record Condition(String key, List<String> values, List<String> notValues) {
    public Condition {
      values = List.copyOf(values);
      notValues = List.copyOf(notValues);
    }
  }
}
