package dev.meshctl.cluster;

/**
 * What came of applying an object.
 *
 * @param object as the cluster has it then, or would have it
 */
public record Applied(Outcome outcome, ClusterObject object) {
  /** Compared with before. */
  public enum Outcome {
    CREATED,
    CHANGED,
    UNCHANGED
  }
}
