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

  /** What makes a key fall differently for each target: of its cluster's name. */
  private final long[] seeds;

  private WeightedTargets(RouteTarget[] targets, long[] bounds) {
    this.targets = targets;
    this.bounds = bounds;
    this.seeds = new long[targets.length];
    for (int i = 0; i < targets.length; i++) {
      seeds[i] = XxHash.of(targets[i].cluster(), timesBefore(i));
    }
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

  /** A cluster may stand there more than once, with other headers. */
  private int timesBefore(int target) {
    int times = 0;
    for (int i = 0; i < target; i++) {
      times += targets[i].cluster().equals(targets[target].cluster()) ? 1 : 0;
    }
    return times;
  }

  /**
   * The target of {@code key}, always the same while the weights are, whoever asks: weighted
   * rendezvous. Each target draws an exponential time with its weight as the rate from key and
   * name; the earliest wins, so that keys fall in proportion to the weights. A target loses a key
   * only to one whose weight has grown against its own. So where one weight changes against all
   * others, as in every split of two, just the difference of the shares moves; with distance d
   * between the shares before and after in general, at most 2d / (1 + d), which nobody who keeps no
   * state can better (Daliri, Freire, Musco, "Coupling without Communication", 2024).
   */
  public RouteTarget pickBy(long key) {
    int best = 0;
    double earliest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < targets.length; i++) {
      long weight = bounds[i] - (i == 0 ? 0 : bounds[i - 1]);
      if (weight > 0) {
        // In (0, 1]; StrictMath, so that all proxies agree to the last bit.
        double drawn = ((XxHash.mix(key ^ seeds[i]) >>> 11) + 1) * 0x1p-53;
        double time = -StrictMath.log(drawn) / weight;
        if (time < earliest) {
          earliest = time;
          best = i;
        }
      }
    }
    return targets[best];
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
