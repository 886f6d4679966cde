package dev.meshctl.model.match;

import dev.meshctl.model.xds.WeightedCluster;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Targets picked in proportion to their weights; one of weight 0 is never picked.
 *
 * <p>Thread: any; the dice belong to the caller's.
 */
public final class WeightedTargets {
  private final RouteTarget[] targets;

  /** {@code bounds[i]} is the sum of the weights up to and with target i. */
  private final long[] bounds;

  private WeightedTargets(RouteTarget[] targets, long[] bounds) {
    this.targets = targets;
    this.bounds = bounds;
  }

  /**
   * Targets of a table of their own, numbered in the order of {@code clusters}; for TCP.
   *
   * @throws IllegalArgumentException where no weight is above 0
   */
  public static WeightedTargets compile(List<WeightedCluster> clusters) {
    return compile(clusters, new TargetList());
  }

  static WeightedTargets compile(List<WeightedCluster> clusters, TargetList all) {
    RouteTarget[] targets = clusters.stream().map(all::add).toArray(RouteTarget[]::new);
    long[] bounds = new long[targets.length];
    long total = 0;
    for (int i = 0; i < bounds.length; i++) {
      total += clusters.get(i).weight();
      bounds[i] = total;
    }
    if (total == 0) {
      throw new IllegalArgumentException("sum of weights: 0 (expected: >= 1)");
    }
    return new WeightedTargets(targets, bounds);
  }

  /** One target; throws the dice only where there is a choice. */
  public RouteTarget pick(RandomGenerator dice) {
    if (targets.length == 1) {
      return targets[0];
    }
    long thrown = dice.nextLong(bounds[bounds.length - 1]);
    int at = Arrays.binarySearch(bounds, thrown + 1);
    if (at < 0) {
      return targets[-at - 1];
    }
    // Targets of weight 0 share the bound of the one before them.
    while (at > 0 && bounds[at - 1] == bounds[at]) {
      at--;
    }
    return targets[at];
  }

  /** All of them, those of weight 0 too, in the order of the configuration. */
  public List<RouteTarget> all() {
    return List.of(targets);
  }

  /** The share of {@code target}, 0 to 1. */
  public double share(RouteTarget target) {
    long before = 0;
    for (int i = 0; i < targets.length; i++) {
      if (targets[i] == target) {
        return (double) (bounds[i] - before) / bounds[bounds.length - 1];
      }
      before = bounds[i];
    }
    return 0;
  }
}
