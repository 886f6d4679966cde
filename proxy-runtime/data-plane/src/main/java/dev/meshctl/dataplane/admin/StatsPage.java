package dev.meshctl.dataplane.admin;

import dev.meshctl.dataplane.admin.AdminSource.StatSink;
import dev.meshctl.dataplane.observe.Exposition;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code /stats} and {@code /stats/prometheus}. */
final class StatsPage {
  private final AdminSource source;

  StatsPage(AdminSource source) {
    this.source = source;
  }

  private record Stat(boolean gauge, long value) {}

  /** {@code name: value} lines by name, or JSON; {@code filter} is a regex, {@code usedonly}. */
  AdminReply text(AdminQuery query) {
    Map<String, Stat> stats = collect(query);
    String format = query.parameters().getOrDefault("format", "text");
    return switch (format) {
      case "json" -> AdminReply.json(json(stats));
      case "prometheus" -> prometheus(query);
      default -> {
        StringBuilder lines = new StringBuilder();
        stats.forEach(
            (name, stat) -> lines.append(name).append(": ").append(stat.value()).append('\n'));
        yield AdminReply.text(200, lines.toString());
      }
    };
  }

  private static ObjectNode json(Map<String, Stat> stats) {
    ObjectNode page = JsonNodeFactory.instance.objectNode();
    ArrayNode list = page.putArray("stats");
    stats.forEach((name, stat) -> list.addObject().put("name", name).put("value", stat.value()));
    return page;
  }

  AdminReply prometheus(AdminQuery query) {
    Exposition exposition = AdminPaths.exposition(query);
    StringBuilder text = new StringBuilder();
    collect(query).forEach((name, stat) -> append(text, exposition, name, stat));
    text.append(source.metrics(exposition));
    return AdminReply.of(exposition.contentType(), text.toString());
  }

  private static void append(StringBuilder text, Exposition exposition, String name, Stat stat) {
    String base = "envoy_" + name.replaceAll("[^a-zA-Z0-9_]", "_");
    boolean suffix = !stat.gauge() && exposition == Exposition.OPENMETRICS;
    String family = suffix && base.endsWith("_total") ? base.substring(0, base.length() - 6) : base;
    text.append("# TYPE ").append(family).append(stat.gauge() ? " gauge\n" : " counter\n");
    text.append(suffix ? family + "_total" : base).append(' ').append(stat.value()).append('\n');
  }

  private Map<String, Stat> collect(AdminQuery query) {
    Predicate<String> filter = query.filter("filter");
    boolean usedOnly = query.has("usedonly");
    Map<String, Stat> stats = new TreeMap<>();
    source.stats(
        new StatSink() {
          @Override
          public void counter(String name, long value) {
            add(name, new Stat(false, value));
          }

          @Override
          public void gauge(String name, long value) {
            add(name, new Stat(true, value));
          }

          private void add(String name, Stat stat) {
            if (filter.test(name) && (!usedOnly || stat.value() != 0)) {
              stats.put(name, stat);
            }
          }
        });
    return stats;
  }
}
