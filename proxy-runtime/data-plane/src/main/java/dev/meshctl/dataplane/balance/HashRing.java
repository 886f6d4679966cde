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
final class HashRing implements HashTable {
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
    long[] made = new long[size];
    int[] of = new int[size];
    int at = 0;
    for (int host = 0; host < names.length; host++) {
      for (int place = 0; place < counts[host]; place++, at++) {
        // Turned so that the order of signed numbers is that of unsigned ones.
        made[at] = XxHash.of(names[host] + "_" + place, 0) ^ Long.MIN_VALUE;
        of[at] = host;
      }
    }
    places = made.clone();
    Arrays.sort(places);
    owners = new int[size];
    Arrays.fill(owners, -1);
    for (int i = 0; i < size; i++) {
      int place = Arrays.binarySearch(places, made[i]);
      // Two hosts may have drawn one place: each keeps an entry of it.
      while (place > 0 && places[place - 1] == made[i]) {
        place--;
      }
      while (owners[place] >= 0) {
        place++;
      }
      owners[place] = of[i];
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

  @Override
  public int size() {
    return places.length;
  }

  @Override
  public int first(long hash) {
    long place = hash ^ Long.MIN_VALUE;
    int low = 0;
    int high = places.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (places[middle] < place) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == places.length ? 0 : low;
  }

  @Override
  public int at(int entry) {
    return owners[entry];
  }
}
