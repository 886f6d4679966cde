package dev.meshctl.dataplane.balance;

import dev.meshctl.model.match.XxHash;
import java.util.Arrays;

/**
 * A ring on which each host has places in proportion to its weight; a key goes to the first place
 * at or after its hash (Envoy's ring hash). The places of a host hang on its own name and on how
 * many it has, which changes by powers of two only: so when a host leaves, mostly just its keys
 * move.
 *
 * <p>Thread: any.
 */
final class HashRing {
  private final long[] places;
  private final int[] owners;

  /**
   * @param names of the hosts, at least one
   * @param weights of each, at least 1
   * @param leastSize places on the ring at least
   * @param mostSize at most, but each host has one
   */
  HashRing(String[] names, long[] weights, int leastSize, int mostSize) {
    int[] counts = counts(weights, leastSize, mostSize);
    int size = Arrays.stream(counts).sum();
    // Sorted by place; the host is found again by its position in the order of making.
    long[] made = new long[size];
    Integer[] order = new Integer[size];
    int[] of = new int[size];
    int at = 0;
    for (int host = 0; host < names.length; host++) {
      for (int place = 0; place < counts[host]; place++, at++) {
        made[at] = XxHash.of(names[host] + "_" + place, 0);
        of[at] = host;
        order[at] = at;
      }
    }
    Arrays.sort(order, (a, b) -> Long.compareUnsigned(made[a], made[b]));
    places = new long[size];
    owners = new int[size];
    for (int i = 0; i < size; i++) {
      places[i] = made[order[i]];
      owners[i] = of[order[i]];
    }
  }

  private static int[] counts(long[] weights, int leastSize, int mostSize) {
    double total = 0;
    double least = Long.MAX_VALUE;
    for (long weight : weights) {
      total += weight;
      least = Math.min(least, weight);
    }
    double unit = 1;
    while (unit * total / least < leastSize) {
      unit *= 2;
    }
    while (unit * total / least > mostSize) {
      unit /= 2;
    }
    int[] counts = new int[weights.length];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = (int) Math.max(1, Math.round(unit * weights[i] / least));
    }
    return counts;
  }

  int size() {
    return places.length;
  }

  /** The position of the host for {@code hash}. */
  int owner(long hash) {
    int low = 0;
    int high = places.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(places[middle], hash) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return owners[low == places.length ? 0 : low];
  }
}
