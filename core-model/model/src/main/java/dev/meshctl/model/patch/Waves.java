package dev.meshctl.model.patch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * How many proxies are patched at a time: totals that grow, each a number or a percentage, such as
 * {@code 1,10%,50%,100%}. The last one is always all.
 *
 * @param totals as written
 */
public record Waves(List<String> totals) {
  /** One, a tenth, half, all. */
  public static final Waves DEFAULT = parse("1,10%,50%,100%");

  public Waves {
    totals = List.copyOf(totals);
  }

  /**
   * @throws IllegalArgumentException saying what is wrong and what is expected
   */
  public static Waves parse(String text) {
    List<String> totals = List.of(text.strip().split("\\s*,\\s*"));
    totals.forEach(total -> count(total, 100));
    return new Waves(totals);
  }

  private static int count(String total, int all) {
    boolean percent = total.endsWith("%");
    String number = percent ? total.substring(0, total.length() - 1) : total;
    int value;
    try {
      value = Integer.parseInt(number);
    } catch (NumberFormatException notOne) {
      throw new IllegalArgumentException("waves: '" + total + "' " + EXPECTED, notOne);
    }
    if (value < 1 || (percent && value > 100)) {
      throw new IllegalArgumentException("waves: '" + total + "' " + EXPECTED);
    }
    return percent ? (int) Math.ceil(value * (double) all / 100) : Math.min(value, all);
  }

  private static final String EXPECTED =
      "(expected: numbers from 1 and percentages up to 100%, such as 1,10%,50%,100%)";

  /**
   * Shares {@code proxies} out: no wave is empty, each is in one, and those of one workload are
   * spread over the waves as far as can be, so that none is patched whole before others have shown
   * that it goes well.
   *
   * @param workload of a proxy
   */
  public List<List<String>> of(List<String> proxies, Function<String, String> workload) {
    List<String> spread = spread(proxies, workload);
    List<List<String>> waves = new ArrayList<>();
    int before = 0;
    List<String> all = new ArrayList<>(totals);
    all.add("100%");
    for (String total : all) {
      int until = count(total, spread.size());
      if (until > before) {
        waves.add(List.copyOf(spread.subList(before, until)));
        before = until;
      }
    }
    return List.copyOf(waves);
  }

  /** The first of each workload, then the second of each. */
  private static List<String> spread(List<String> proxies, Function<String, String> workload) {
    Map<String, List<String>> byWorkload = new TreeMap<>();
    proxies.stream()
        .sorted()
        .forEach(proxy ->
            byWorkload.computeIfAbsent(workload.apply(proxy), w -> new ArrayList<>()).add(proxy));
    Map<String, Integer> place = new HashMap<>();
    byWorkload.values().forEach(of -> of.forEach(each -> place.put(each, of.indexOf(each))));
    return byWorkload.values().stream()
        .flatMap(List::stream)
        .sorted(Comparator.comparing((String proxy) -> place.getOrDefault(proxy, 0)))
        .toList();
  }
}
