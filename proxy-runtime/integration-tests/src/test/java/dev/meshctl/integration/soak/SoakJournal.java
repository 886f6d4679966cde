package dev.meshctl.integration.soak;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the upstreams saw of each request that is under way, so that a failure can say where it was
 * lost. Thread: any.
 */
final class SoakJournal {
  /** The header that names a request. */
  static final String ID = "x-soak-id";

  private final Map<String, String> seen = new ConcurrentHashMap<>();
  private final long begunNanos = System.nanoTime();

  void saw(String id, int port, String what) {
    String note = "%.3f s: %d %s".formatted(seconds(), port, what);
    seen.merge(id, note, (before, next) -> before + "; " + next);
  }

  /** Since the journal began. */
  double seconds() {
    return (System.nanoTime() - begunNanos) / 1e9;
  }

  /** What was seen, which is forgotten. */
  String end(String id) {
    String all = seen.remove(id);
    return all == null ? "no upstream saw it" : all;
  }
}
