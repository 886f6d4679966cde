package dev.meshctl.model.patch;

import dev.meshctl.model.xds.RuntimeOrder.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a patch is to do, fixed when it begins.
 *
 * @param id for people and events; each patch has another
 * @param target the runtime that all shall run
 * @param waves proxies, wave by wave
 * @param before what each of them ran
 * @param generations of the last order that each has heard of; 0 for none
 * @param gate that stays open or takes all back
 * @param soak for how long the gate must find a wave well before the next begins; may be zero
 * @param undo what goes back when something goes wrong
 * @param pace how many of a wave begin at once
 */
public record PatchPlan(
    String id,
    RunningRuntime target,
    List<List<String>> waves,
    Map<String, RunningRuntime> before,
    Map<String, Long> generations,
    Limits limits,
    Gate gate,
    Duration soak,
    Undo undo,
    Pace pace) {

  /** What goes back. */
  public enum Undo {
    /** The wave in which it went wrong; those before stay. */
    WAVE,
    /** All that the patch has touched. */
    ALL
  }

  /**
   * A process that starts takes a core for some seconds: where many start at once on a machine, all
   * that serves there waits.
   *
   * @param perNode how many proxies of a node are replacing their runtime at a time: from the order
   *     until the new process serves
   * @param nodes of the proxies; those of which nobody knows are as if on one node
   */
  public record Pace(int perNode, Map<String, String> nodes) {
    public static final int PER_NODE = 2;

    public Pace {
      if (perNode < 1) {
        throw new IllegalArgumentException("per node: " + perNode + " (expected: a number from 1)");
      }
      nodes = Map.copyOf(nodes);
    }

    /** The usual one, where nobody knows of nodes. */
    public static Pace usual() {
      return new Pace(PER_NODE, Map.of());
    }

    /** Empty where nobody knows. */
    public String node(String proxy) {
      return nodes.getOrDefault(proxy, "");
    }
  }

  public PatchPlan {
    // Kept by a version that had no pace.
    pace = pace == null ? Pace.usual() : pace;
    waves = waves.stream().map(List::copyOf).toList();
    before = Map.copyOf(before);
    generations = Map.copyOf(generations);
    for (List<String> wave : waves) {
      for (String proxy : wave) {
        if (!before.containsKey(proxy)) {
          throw new IllegalArgumentException(
              "proxy " + proxy + " has not said what it runs, so nobody could go back to it");
        }
      }
    }
  }
}
