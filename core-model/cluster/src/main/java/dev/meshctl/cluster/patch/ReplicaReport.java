package dev.meshctl.cluster.patch;

import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.model.patch.Candidate;
import dev.meshctl.model.patch.Gate;
import dev.meshctl.model.patch.RunningRuntime;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.patch.RuntimeReport.Stage;
import dev.meshctl.model.query.RuntimeView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A {@code RuntimeReplica}: what one replica of the control plane has and has heard. A proxy talks
 * to one replica and the leader must know of all, so each replica writes its own object, and nobody
 * else's.
 *
 * @param replica name of the object and of the pod
 * @param address {@code HOST:PORT} where other replicas fetch bundles
 * @param bundles that it has, verified
 * @param proxies that are connected to it and said what they run
 * @param measured by patch that is under way, what the proxies that talk to it told of the traffic
 */
public record ReplicaReport(
    String replica,
    String address,
    List<RuntimeView.Bundle> bundles,
    List<Connected> proxies,
    Map<String, Gate.Measured> measured) {
  public ReplicaReport {
    bundles = List.copyOf(bundles);
    proxies = List.copyOf(proxies);
    measured = Map.copyOf(measured);
  }

  /**
   * A connected proxy.
   *
   * @param report what it said last
   * @param heardEpochMillis when; the newest counts where two replicas tell of one proxy
   * @param refuses some of what it is told
   */
  public record Connected(
      Candidate proxy, RuntimeReport report, long heardEpochMillis, boolean refuses) {}

  public static ReplicaReport read(ClusterObject object) {
    JsonNode tree = object.tree().path("status");
    List<RuntimeView.Bundle> bundles = new ArrayList<>();
    for (JsonNode each : tree.path("bundles")) {
      bundles.add(
          new RuntimeView.Bundle(
              each.path("digest").asString(""),
              each.path("version").asString(""),
              each.path("buildId").asString(""),
              each.path("signer").asString(""),
              each.path("bytes").asLong(0),
              each.path("memoryBytes").asLong(0),
              PatchStatus.millis(each.path("used"))));
    }
    List<Connected> proxies = new ArrayList<>();
    tree.path("proxies").forEach(each -> proxies.add(connected(each)));
    Map<String, Gate.Measured> measured = new TreeMap<>();
    for (JsonNode each : tree.path("measured")) {
      measured.put(
          each.path("patch").asString(""),
          new Gate.Measured(
              each.path("requests").asLong(0),
              each.path("errors").asLong(0),
              each.path("p99Micros").asLong(0)));
    }
    return new ReplicaReport(
        object.name(), tree.path("address").asString(""), bundles, proxies, measured);
  }

  private static Connected connected(JsonNode each) {
    Map<String, String> labels = new TreeMap<>();
    each.path("labels").forEachEntry((key, value) -> labels.put(key, value.asString("")));
    String id = each.path("id").asString("");
    long room = each.path("roomBytes").asLong(RuntimeReport.UNLIMITED);
    RunningRuntime running = PatchStatus.runtime(each.path("running"));
    return new Connected(
        new Candidate(
            id,
            each.path("namespace").asString(""),
            each.path("workload").asString(""),
            each.path("instance").asString(""),
            each.path("node").asString(""),
            labels,
            running,
            room),
        new RuntimeReport(
            id,
            each.path("generation").asLong(0),
            PatchStatus.of(Stage.class, each.path("stage")),
            running.version(),
            running.digest(),
            each.path("reason").asString(""),
            each.path("overlapBytes").asLong(0),
            Duration.ofMillis(each.path("tookMillis").asLong(0)),
            room),
        PatchStatus.millis(each.path("heard")),
        each.path("refuses").asBoolean(false));
  }

  /** As {@code status} of the object. */
  public ObjectNode write() {
    ObjectNode status = JsonNodeFactory.instance.objectNode().put("address", address);
    var all = status.putArray("bundles");
    for (RuntimeView.Bundle bundle : bundles) {
      all.addObject()
          .put("digest", bundle.digest())
          .put("version", bundle.version())
          .put("buildId", bundle.buildId())
          .put("signer", bundle.signer())
          .put("bytes", bundle.bytes())
          .put("memoryBytes", bundle.memoryBytes())
          .put("used", Instant.ofEpochMilli(bundle.usedEpochMillis()).toString());
    }
    var heard = status.putArray("proxies");
    proxies.forEach(each -> write(heard.addObject(), each));
    var counts = status.putArray("measured");
    new TreeMap<>(measured)
        .forEach((patch, each) ->
            counts
                .addObject()
                .put("patch", patch)
                .put("requests", each.requests())
                .put("errors", each.errors())
                .put("p99Micros", each.p99Micros()));
    return status;
  }

  private static void write(ObjectNode to, Connected each) {
    Candidate proxy = each.proxy();
    RuntimeReport report = each.report();
    to.put("id", proxy.id()).put("namespace", proxy.namespace());
    to.put("workload", proxy.workload()).put("instance", proxy.instance());
    if (!proxy.node().isEmpty()) {
      to.put("node", proxy.node());
    }
    ObjectNode labels = to.putObject("labels");
    new TreeMap<>(proxy.labels()).forEach(labels::put);
    PatchStatus.runtime(to.putObject("running"), proxy.running());
    to.put("generation", report.generation()).put("stage", PatchStatus.word(report.stage()));
    if (!report.reason().isEmpty()) {
      to.put("reason", report.reason());
    }
    if (report.overlapBytes() > 0) {
      to.put("overlapBytes", report.overlapBytes());
    }
    if (report.roomBytes() >= 0) {
      to.put("roomBytes", report.roomBytes());
    }
    to.put("tookMillis", report.took().toMillis());
    to.put("heard", Instant.ofEpochMilli(each.heardEpochMillis()).toString());
    if (each.refuses()) {
      to.put("refuses", true);
    }
  }
}
