package dev.meshctl.model.explain.security;

import dev.meshctl.model.explain.Explanation.Source;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client may ask of a port of a workload, over all requests.
 *
 * @param port that the workload listens on
 * @param mutual the client proves who it is
 * @param reason in words; empty where it depends
 * @param only where it depends: a request is let in only if it is one of these; none where all are
 * @param never where it depends: a request that is one of these is refused whatever else it is
 */
public record Reach(
    String namespace,
    String workload,
    int port,
    boolean mutual,
    May may,
    String reason,
    List<Requests> only,
    List<Requests> never) {
  public Reach {
    only = List.copyOf(only);
    never = List.copyOf(never);
  }

  /** How far it goes. */
  public enum May {
    ALWAYS,
    /** On the request. */
    DEPENDS,
    NEVER
  }

  /**
   * Some requests.
   *
   * @param which in words
   * @param policy name of the rule, as in logs
   * @param source where the rule stands
   */
  public record Requests(String which, String policy, @Nullable Source source) {}
}
