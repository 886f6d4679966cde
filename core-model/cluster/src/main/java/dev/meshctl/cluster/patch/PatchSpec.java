package dev.meshctl.cluster.patch;

import dev.meshctl.model.patch.Gate;
import dev.meshctl.model.patch.PatchPlan.Pace;
import dev.meshctl.model.patch.PatchPlan.Undo;
import dev.meshctl.model.patch.Waves;
import dev.meshctl.model.xds.RuntimeOrder.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code spec} of a {@code RuntimePatch}: what people order. All but {@link #paused} and {@link
 * #rollback} stays as it was created; the API server sees to that.
 *
 * @param version of a bundle
 * @param digest of it, or its beginning; empty where the version says it all
 * @param labels that concerned proxies have; empty for any
 * @param proxies instances or ids; empty for any
 * @param waves as {@link Waves} reads them
 * @param perNode how many of a node begin at once
 * @param paused no further proxy begins
 * @param rollback all that was touched goes back
 */
public record PatchSpec(
    String version,
    String digest,
    Map<String, String> labels,
    List<String> proxies,
    String waves,
    Gate gate,
    Duration soak,
    Limits limits,
    Undo undo,
    int perNode,
    boolean paused,
    boolean rollback) {
  public static final Duration SOAK = Duration.ofSeconds(30);

  public PatchSpec {
    labels = Map.copyOf(labels);
    proxies = List.copyOf(proxies);
    if (perNode < 1) {
      throw new IllegalArgumentException(
          "spec.perNode: " + perNode + " (expected: a number from 1)");
    }
  }

  /**
   * @throws IllegalArgumentException naming the field that does not read
   */
  public static PatchSpec read(JsonNode spec) {
    Map<String, String> labels = new TreeMap<>();
    spec.path("selector")
        .path("matchLabels")
        .forEachEntry((key, value) -> labels.put(key, value.asString("")));
    List<String> waves = new ArrayList<>();
    spec.path("waves").forEach(wave -> waves.add(wave.asString("")));
    String totals = waves.isEmpty() ? String.join(",", Waves.DEFAULT.totals()) : join(waves);
    Waves.parse(totals);
    return new PatchSpec(
        spec.path("version").asString(""),
        spec.path("digest").asString(""),
        labels,
        spec.path("proxies").valueStream().map(name -> name.asString("")).toList(),
        totals,
        gate(spec.path("gate")),
        span(spec, "spec.", "soak", SOAK),
        limits(spec.path("limits")),
        spec.path("onFailure").asString("All").equals("Wave") ? Undo.WAVE : Undo.ALL,
        spec.path("perNode").asInt(Pace.PER_NODE),
        spec.path("paused").asBoolean(false),
        spec.path("rollback").asBoolean(false));
  }

  private static String join(List<String> waves) {
    return String.join(",", waves);
  }

  private static Gate gate(JsonNode gate) {
    Gate usual = Gate.DEFAULT;
    return new Gate(
        gate.path("success").asDouble(usual.leastSuccess() * 100) / 100,
        span(gate, "spec.gate.", "p99", usual.mostP99()),
        gate.path("requests").asLong(usual.leastRequests()),
        span(gate, "spec.gate.", "window", usual.window()));
  }

  private static Limits limits(JsonNode limits) {
    Limits usual = Limits.DEFAULT;
    return new Limits(
        span(limits, "spec.limits.", "ready", usual.ready()),
        span(limits, "spec.limits.", "drain", usual.drain()),
        span(limits, "spec.limits.", "watch", usual.watch()));
  }

  private static Duration span(JsonNode holder, String path, String field, Duration otherwise) {
    String text = holder.path(field).asString("");
    return text.isEmpty() ? otherwise : Spans.read(path + field, text);
  }

  /** As the API takes it; what is said nowhere else is written out. */
  public ObjectNode write() {
    ObjectNode spec = JsonNodeFactory.instance.objectNode().put("version", version);
    if (!digest.isEmpty()) {
      spec.put("digest", digest);
    }
    if (!labels.isEmpty()) {
      ObjectNode match = spec.putObject("selector").putObject("matchLabels");
      new TreeMap<>(labels).forEach(match::put);
    }
    if (!proxies.isEmpty()) {
      proxies.forEach(spec.putArray("proxies")::add);
    }
    ArrayNode totals = spec.putArray("waves");
    for (String total : Waves.parse(waves).totals()) {
      if (total.endsWith("%")) {
        totals.add(total);
      } else {
        totals.add(Integer.parseInt(total));
      }
    }
    // Percent with as many digits as people write: 0.999 * 100 is 99.9 and a bit.
    spec.putObject("gate")
        .put("success", Math.round(gate.leastSuccess() * 1e8) / 1e6)
        .put("p99", Spans.write(gate.mostP99()))
        .put("requests", gate.leastRequests())
        .put("window", Spans.write(gate.window()));
    spec.put("soak", Spans.write(soak));
    spec.putObject("limits")
        .put("ready", Spans.write(limits.ready()))
        .put("drain", Spans.write(limits.drain()))
        .put("watch", Spans.write(limits.watch()));
    spec.put("onFailure", undo == Undo.WAVE ? "Wave" : "All");
    spec.put("perNode", perNode);
    if (paused) {
      spec.put("paused", true);
    }
    if (rollback) {
      spec.put("rollback", true);
    }
    return spec;
  }
}
