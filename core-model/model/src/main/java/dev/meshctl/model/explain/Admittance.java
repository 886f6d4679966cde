package dev.meshctl.model.explain;

import dev.meshctl.model.explain.Explanation.Source;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the sidecar of a workload says to a request or connection, and every policy that it looked
 * at.
 *
 * @param port that the workload listens on
 * @param mutual the client has proved who it is
 * @param reason in words
 * @param looked in the order of evaluation; none where no policy speaks of the port
 */
public record Admittance(
    String namespace,
    String workload,
    int port,
    boolean mutual,
    Answer answer,
    String reason,
    List<Looked> looked) {
  public Admittance {
    looked = List.copyOf(looked);
  }

  /** What it comes to. */
  public enum Answer {
    ALLOWED,
    /** By policies. */
    DENIED,
    /** No connection comes about, so no policy is asked. */
    REJECTED
  }

  /** What a rule says. */
  public enum Verdict {
    MATCHED,
    NOT_MATCHED,
    /** Others had decided it. */
    NOT_ASKED
  }

  /**
   * A rule of a policy, or a policy without rules that could be asked.
   *
   * @param action as it is written
   * @param policy {@code namespace/name}
   * @param why in words; empty where it was not asked
   */
  public record Looked(
      String action, String policy, Verdict verdict, String why, @Nullable Source source) {}
}
