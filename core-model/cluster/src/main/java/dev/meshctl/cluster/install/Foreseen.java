package dev.meshctl.cluster.install;

import dev.meshctl.cluster.ClusterObject;
import java.util.List;

/**
 * What is to become of one object of a plan.
 *
 * @param object as the plan has it
 */
public record Foreseen(ClusterObject object, Fate fate) {

  /** What applying it does. */
  public sealed interface Fate {
    /** There is none yet. */
    record Create() implements Fate {}

    /**
     * @param changes {@code spec.replicas: 2 -> 3}
     */
    record Change(List<String> changes) implements Fate {
      public Change {
        changes = List.copyOf(changes);
      }
    }

    /** It is as it should be. */
    record Unchanged() implements Fate {}

    /** It is somebody else's, and serves us as it is. */
    record Leave(String why) implements Fate {}

    /**
     * It is not ours to change.
     *
     * @param fix what its owner can do
     */
    record Refuse(String why, String fix) implements Fate {}
  }
}
