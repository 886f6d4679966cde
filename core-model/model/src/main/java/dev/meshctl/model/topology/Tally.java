package dev.meshctl.model.topology;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.telemetry.EdgeKey;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.telemetry.LatencyHistogram;
import java.util.EnumMap;
import java.util.Map;

/** Adds up samples of one edge or node. Thread: confined to one view's making. */
final class Tally {
  private final String service;
  private final LatencyHistogram latency = new LatencyHistogram();
  private final Map<EdgeKey.Protocol, Long> protocols = new EnumMap<>(EdgeKey.Protocol.class);
  private long requests;
  private long errors;
  private long overMtls;
  private long decided;

  /**
   * @param service host called, may be empty
   */
  Tally(String service) {
    this.service = service;
  }

  /**
   * @param follows the split that this edge is part of decided where the requests went
   */
  void add(EdgeSample sample, boolean follows) {
    long count = sample.requests();
    requests += count;
    errors += sample.errors();
    overMtls += sample.key().mtls() ? count : 0;
    decided += follows ? count : 0;
    protocols.merge(sample.key().protocol(), count, Long::sum);
    latency.add(sample.latency());
  }

  String service() {
    return service;
  }

  /** Requests that followed the split. */
  long decided() {
    return decided;
  }

  /** The most used one; the first in order of declaration where two are used equally. */
  String protocol() {
    EdgeKey.Protocol most = EdgeKey.Protocol.HTTP1;
    long used = -1;
    for (Map.Entry<EdgeKey.Protocol, Long> entry : protocols.entrySet()) {
      if (entry.getValue() > used) {
        most = entry.getKey();
        used = entry.getValue();
      }
    }
    return Layer.label(most);
  }

  /** Empties this. */
  GraphView.Signals drain(double seconds) {
    if (requests == 0) {
      return GraphView.Signals.NONE;
    }
    LatencyHistogram.Counts counts = latency.drain();
    return new GraphView.Signals(
        requests,
        errors,
        requests / seconds,
        counts.quantileMicros(0.50) / 1000.0,
        counts.quantileMicros(0.90) / 1000.0,
        counts.quantileMicros(0.99) / 1000.0,
        (double) overMtls / requests);
  }
}
