package dev.meshctl.dataplane.admin;

import dev.meshctl.dataplane.admin.AdminSource.StatSink;
import dev.meshctl.dataplane.observe.Exposition;
import dev.meshctl.dataplane.observe.TimeBuckets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code /stats} and {@code /stats/prometheus}. */
final class StatsPage {
  /** In percent, as Envoy tells them. */
  private static final List<Double> QUANTILES =
      List.of(0.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.5, 99.9, 100.0);

  private final AdminSource source;

  StatsPage(AdminSource source) {
    this.source = source;
  }

  /** A statistic and what it is. */
  private sealed interface Stat {
    StatName name();

    boolean used();

    record Number(StatName name, boolean gauge, long value) implements Stat {
      @Override
      public boolean used() {
        return value != 0;
      }
    }

    record Times(StatName name, TimeBuckets.Sum sum) implements Stat {
      @Override
      public boolean used() {
        return sum.count() > 0;
      }
    }
  }

  /**
   * {@code name: value} lines by name, histograms last, or JSON; {@code filter} is a regex, {@code
   * invert_filter} turns it round, {@code type} is one of Envoy's, {@code usedonly} leaves out what
   * is zero.
   */
  AdminReply text(AdminQuery query) {
    String format = query.parameters().getOrDefault("format", "text");
    return switch (format) {
      case "json" -> AdminReply.json(json(collect(query)));
      case "prometheus" -> prometheus(query);
      case "text" -> AdminReply.text(200, lines(collect(query)));
      default ->
          throw new IllegalArgumentException(
              "format: %s (expected: text, json or prometheus)".formatted(format));
    };
  }

  private static String lines(Map<String, Stat> stats) {
    StringBuilder numbers = new StringBuilder();
    StringBuilder histograms = new StringBuilder();
    stats.forEach((name, stat) -> {
      switch (stat) {
        case Stat.Number number ->
            numbers.append(name).append(": ").append(number.value()).append('\n');
        case Stat.Times times ->
            histograms.append(name).append(": ").append(quantiles(times.sum())).append('\n');
      }
    });
    return numbers.append(histograms).toString();
  }

  /** {@code P50(INTERVAL,ALL)}: we keep no interval. */
  private static String quantiles(TimeBuckets.Sum sum) {
    if (sum.count() == 0) {
      return "No recorded values";
    }
    return String.join(
        " ",
        QUANTILES.stream()
            .map(percent -> "P%s(nan,%s)".formatted(number(percent), number(at(sum, percent))))
            .toList());
  }

  private static double at(TimeBuckets.Sum sum, double percent) {
    return Math.round(sum.quantileMillis(percent / 100) * 1000) / 1000.0;
  }

  /** Without a fraction that says nothing. */
  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  private static ObjectNode json(Map<String, Stat> stats) {
    ObjectNode page = JsonNodeFactory.instance.objectNode();
    ArrayNode list = page.putArray("stats");
    List<Stat.Times> histograms = new ArrayList<>();
    stats.forEach((name, stat) -> {
      switch (stat) {
        case Stat.Number number -> list.addObject().put("name", name).put("value", number.value());
        case Stat.Times times -> histograms.add(times);
      }
    });
    if (!histograms.isEmpty()) {
      histograms(list.addObject().putObject("histograms"), histograms);
    }
    return page;
  }

  private static void histograms(ObjectNode to, List<Stat.Times> histograms) {
    QUANTILES.forEach(to.withArray("supported_quantiles")::add);
    ArrayNode computed = to.putArray("computed_quantiles");
    for (Stat.Times times : histograms) {
      ObjectNode histogram = computed.addObject().put("name", times.name().text());
      ArrayNode values = histogram.putArray("values");
      for (double percent : QUANTILES) {
        ObjectNode value = values.addObject().putNull("interval");
        if (times.sum().count() == 0) {
          value.putNull("cumulative");
        } else {
          value.put("cumulative", at(times.sum(), percent));
        }
      }
    }
  }

  AdminReply prometheus(AdminQuery query) {
    Exposition exposition = AdminPaths.exposition(query);
    Map<String, List<Stat>> families = new TreeMap<>();
    collect(query)
        .values()
        .forEach(stat ->
            families.computeIfAbsent(stat.name().family(), f -> new ArrayList<>()).add(stat));
    StringBuilder text = new StringBuilder();
    families.forEach((family, stats) -> append(text, exposition, family, stats));
    text.append(source.metrics(exposition));
    return AdminReply.of(exposition.contentType(), text.toString());
  }

  private static void append(
      StringBuilder text, Exposition exposition, String family, List<Stat> stats) {
    switch (stats.getFirst()) {
      case Stat.Times times -> {
        text.append("# TYPE ").append(family).append(" histogram\n");
        stats.forEach(stat -> {
          if (stat instanceof Stat.Times(StatName name, TimeBuckets.Sum sum)) {
            histogram(text, family, name.labels(), sum);
          }
        });
      }
      case Stat.Number first -> {
        boolean suffix = !first.gauge() && exposition == Exposition.OPENMETRICS;
        String base =
            suffix && family.endsWith("_total") ? family.substring(0, family.length() - 6) : family;
        text.append("# TYPE ").append(base).append(first.gauge() ? " gauge\n" : " counter\n");
        stats.forEach(stat -> {
          if (stat instanceof Stat.Number number) {
            text.append(suffix ? base + "_total" : base)
                .append('{')
                .append(number.name().labels())
                .append("} ")
                .append(number.value())
                .append('\n');
          }
        });
      }
    }
  }

  private static void histogram(
      StringBuilder text, String family, String labels, TimeBuckets.Sum sum) {
    String before = labels.isEmpty() ? "" : labels + ",";
    List<Double> bounds = TimeBuckets.BOUNDS_MILLIS;
    for (int i = 0; i < bounds.size(); i++) {
      bucket(text, family, before, number(bounds.get(i)), sum.atMost(i));
    }
    bucket(text, family, before, "+Inf", sum.count());
    text.append("%s_sum{%s} %d%n".formatted(family, labels, sum.sumMillis()));
    text.append("%s_count{%s} %d%n".formatted(family, labels, sum.count()));
  }

  private static void bucket(
      StringBuilder text, String family, String labels, String bound, long count) {
    text.append("%s_bucket{%sle=\"%s\"} %d%n".formatted(family, labels, bound, count));
  }

  private Map<String, Stat> collect(AdminQuery query) {
    Predicate<String> given = query.filter("filter");
    Predicate<String> filter =
        query.has("filter") && query.has("invert_filter") ? given.negate() : given;
    boolean usedOnly = query.has("usedonly");
    String type = query.parameters().getOrDefault("type", "All").toLowerCase(Locale.ROOT);
    Map<String, Stat> stats = new TreeMap<>();
    source.stats(
        new StatSink() {
          @Override
          public void counter(StatName name, long value) {
            add("counters", new Stat.Number(name, false, value));
          }

          @Override
          public void gauge(StatName name, long value) {
            add("gauges", new Stat.Number(name, true, value));
          }

          @Override
          public void times(StatName name, TimeBuckets.Sum sum) {
            add("histograms", new Stat.Times(name, sum));
          }

          private void add(String kind, Stat stat) {
            String name = stat.name().text();
            boolean wanted = type.equals("all") || type.equals(kind);
            if (wanted && filter.test(name) && (!usedOnly || stat.used())) {
              stats.put(name, stat);
            }
          }
        });
    return stats;
  }
}
