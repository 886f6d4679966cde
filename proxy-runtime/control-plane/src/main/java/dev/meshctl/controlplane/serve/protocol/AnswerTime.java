package dev.meshctl.controlplane.serve.protocol;

import java.util.concurrent.TimeUnit;

/**
 * How long a proxy took to answer the last response of a type.
 *
 * <p>Thread: one at a time.
 */
final class AnswerTime {
  private long sentNanos;
  private long lastMillis = -1;

  void sent(long nanoTime) {
    sentNanos = nanoTime;
  }

  void answered(long nanoTime) {
    lastMillis = TimeUnit.NANOSECONDS.toMillis(nanoTime - sentNanos);
  }

  /** -1 before any answer. */
  long lastMillis() {
    return lastMillis;
  }
}
