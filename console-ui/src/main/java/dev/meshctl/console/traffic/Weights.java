package dev.meshctl.console.traffic;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Shares in whole percent that always add up to a hundred. */
final class Weights {
  static final int WHOLE = 100;

  private Weights() {}

  /** Any weights as percent, by largest remainders; all zero gives all to the first. */
  static List<Integer> percent(List<Integer> weights) {
    long sum = weights.stream().mapToLong(Integer::longValue).sum();
    if (weights.isEmpty()) {
      return List.of();
    }
    if (sum == 0) {
      List<Integer> first = new ArrayList<>(Collections.nCopies(weights.size(), 0));
      first.set(0, WHOLE);
      return first;
    }
    return apportioned(weights, sum, WHOLE);
  }

  /** One share moved to {@code value}; the others give or take in proportion to what they have. */
  static List<Integer> moved(List<Integer> shares, int index, int value) {
    int wanted = shares.size() == 1 ? WHOLE : Math.clamp(value, 0, WHOLE);
    List<Integer> others = new ArrayList<>(shares);
    others.remove(index);
    long sum = others.stream().mapToLong(Integer::longValue).sum();
    List<Integer> spread;
    if (sum == 0) {
      spread = apportioned(Collections.nCopies(others.size(), 1), others.size(), WHOLE - wanted);
    } else {
      spread = apportioned(others, sum, WHOLE - wanted);
    }
    List<Integer> result = new ArrayList<>(spread);
    result.add(index, wanted);
    return result;
  }

  private static List<Integer> apportioned(List<Integer> weights, long sum, int whole) {
    List<Integer> parts = new ArrayList<>();
    List<Integer> order = new ArrayList<>();
    int given = 0;
    for (int i = 0; i < weights.size(); i++) {
      int part = (int) (weights.get(i) * (long) whole / sum);
      parts.add(part);
      order.add(i);
      given += part;
    }
    order.sort((a, b) ->
        Long.compare(weights.get(b) * (long) whole % sum, weights.get(a) * (long) whole % sum));
    for (int i = 0; i < whole - given; i++) {
      int lucky = order.get(i);
      parts.set(lucky, parts.get(lucky) + 1);
    }
    return parts;
  }
}
