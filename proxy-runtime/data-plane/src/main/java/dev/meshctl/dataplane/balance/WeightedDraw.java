package dev.meshctl.dataplane.balance;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Draws positions in proportion to hosts' weights. */
final class WeightedDraw {
  /** All weights alike. */
  static final WeightedDraw EVEN = new WeightedDraw(new long[0]);

  /** Running sums of the weights; empty where they are alike. */
  private final long[] bounds;

  private WeightedDraw(long[] bounds) {
    this.bounds = bounds;
  }

  static WeightedDraw of(Host<?>[] hosts) {
    if (isEven(hosts)) {
      return EVEN;
    }
    long[] bounds = new long[hosts.length];
    long total = 0;
    for (int i = 0; i < hosts.length; i++) {
      total += hosts[i].drawWeight();
      bounds[i] = total;
    }
    return new WeightedDraw(bounds);
  }

  static boolean isEven(Host<?>[] hosts) {
    for (Host<?> host : hosts) {
      if (host.drawWeight() != hosts[0].drawWeight()) {
        return false;
      }
    }
    return true;
  }

  int next(int count, RandomGenerator dice) {
    return bounds.length == 0 ? dice.nextInt(count) : at(dice.nextLong(bounds[bounds.length - 1]));
  }

  /** A position other than {@code but}, in proportion to the weights of the others. */
  int nextBut(int but, int count, RandomGenerator dice) {
    if (bounds.length == 0) {
      int thrown = dice.nextInt(count - 1);
      return thrown < but ? thrown : thrown + 1;
    }
    long below = but == 0 ? 0 : bounds[but - 1];
    long weight = bounds[but] - below;
    long thrown = dice.nextLong(bounds[bounds.length - 1] - weight);
    return at(thrown < below ? thrown : thrown + weight);
  }

  private int at(long thrown) {
    int found = Arrays.binarySearch(bounds, thrown + 1);
    return found >= 0 ? found : -found - 1;
  }
}
