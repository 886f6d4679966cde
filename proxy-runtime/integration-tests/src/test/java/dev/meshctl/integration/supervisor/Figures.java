package dev.meshctl.integration.supervisor;

import dev.meshctl.model.patch.RuntimeReport;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** How long answers took before a patch and during it. */
final class Figures {
  /** What is going on. */
  enum Phase {
    BEFORE,
    DURING,
    OTHER
  }

  private final Map<Phase, Queue<Long>> nanos = new EnumMap<>(Phase.class);
  private volatile Phase now = Phase.OTHER;

  Figures() {
    for (Phase phase : Phase.values()) {
      nanos.put(phase, new ConcurrentLinkedQueue<>());
    }
  }

  void begin(Phase phase) {
    now = phase;
  }

  void answered(long tookNanos) {
    Phase phase = now;
    if (phase != Phase.OTHER) {
      of(phase).add(tookNanos);
    }
  }

  private Queue<Long> of(Phase phase) {
    Queue<Long> all = nanos.get(phase);
    if (all == null) {
      throw new IllegalStateException("a phase without figures");
    }
    return all;
  }

  private double millis(Phase phase, double quantile) {
    long[] sorted = of(phase).stream().mapToLong(Long::longValue).sorted().toArray();
    return sorted.length == 0
        ? Double.NaN
        : sorted[(int) Math.min(sorted.length - 1, sorted.length * quantile)] / 1e6;
  }

  /** One line, for {@code proxy-runtime/bench/live-patch}. */
  String json(RuntimeReport report, int failed) {
    return String.format(
        Locale.ROOT,
        "{\"requests\":%d,\"failed\":%d,\"tookMs\":%d,\"bothMiB\":%d,\"p50BeforeMs\":%.2f,"
            + "\"p50DuringMs\":%.2f,\"p99BeforeMs\":%.2f,\"p99DuringMs\":%.2f}",
        of(Phase.BEFORE).size() + of(Phase.DURING).size(),
        failed,
        report.took().toMillis(),
        report.overlapBytes() >> 20,
        millis(Phase.BEFORE, 0.5),
        millis(Phase.DURING, 0.5),
        millis(Phase.BEFORE, 0.99),
        millis(Phase.DURING, 0.99));
  }
}
