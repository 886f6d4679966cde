package dev.meshctl.controlplane.collect;

import dev.meshctl.model.telemetry.EdgeKey;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.telemetry.TelemetryReport;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A ring of 1 s windows of edge counts. A report counts in the second in which its window ended;
 * one older than the ring, or from the future, counts in the nearest second that there is.
 *
 * <p>Thread: any.
 */
public final class EdgeWindows {
  private final InstantSource clock;
  private final int maxEdgesPerSecond;
  private final Window[] ring;
  private long dropped;

  private static final class Window {
    long second = Long.MIN_VALUE;
    final Map<EdgeKey, EdgeSample> edges = new HashMap<>();
  }

  /**
   * @param length of the ring, whole seconds
   * @param maxEdgesPerSecond beyond which new edges of a second are dropped and counted
   */
  public EdgeWindows(InstantSource clock, Duration length, int maxEdgesPerSecond) {
    this.clock = clock;
    this.maxEdgesPerSecond = maxEdgesPerSecond;
    this.ring = new Window[(int) length.toSeconds()];
    for (int i = 0; i < ring.length; i++) {
      ring[i] = new Window();
    }
  }

  /** Adds the counts of {@code report}. */
  public synchronized void add(TelemetryReport report) {
    long now = second(clock.millis());
    long ended = second(report.windowStartEpochMillis() + report.window().toMillis());
    Window window = window(Math.clamp(ended, now - ring.length + 1, now));
    for (EdgeSample sample : report.edges()) {
      if (window.edges.size() >= maxEdgesPerSecond && !window.edges.containsKey(sample.key())) {
        dropped++;
      } else {
        window.edges.merge(sample.key(), sample, EdgeSample::plus);
      }
    }
  }

  /** The sums of the last {@code length} (whole seconds, the current one included), by edge. */
  public synchronized List<EdgeSample> last(Duration length) {
    long now = second(clock.millis());
    long seconds = Math.clamp(length.toSeconds(), 1, ring.length);
    Map<EdgeKey, EdgeSample> sums = new LinkedHashMap<>();
    for (long s = now - seconds + 1; s <= now; s++) {
      Window window = ring[index(s)];
      if (window.second == s) {
        window.edges.forEach((key, sample) -> sums.merge(key, sample, EdgeSample::plus));
      }
    }
    return List.copyOf(sums.values());
  }

  /** Samples that found no room. */
  public synchronized long dropped() {
    return dropped;
  }

  private Window window(long second) {
    Window window = ring[index(second)];
    if (window.second != second) {
      window.second = second;
      window.edges.clear();
    }
    return window;
  }

  private int index(long second) {
    return (int) Math.floorMod(second, ring.length);
  }

  private static long second(long epochMillis) {
    return Math.floorDiv(epochMillis, 1000);
  }
}
