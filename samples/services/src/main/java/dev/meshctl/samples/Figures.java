package dev.meshctl.samples;

import java.util.Arrays;

/** Counts of requests, and how long those of the last second took. */
final class Figures {
  private static final int MOST_TIMES = 16_384;

  private final long[] nanos = new long[MOST_TIMES];
  private int times;
  private long sent;
  private long answered;
  private long failed;

  synchronized void sent() {
    sent++;
  }

  synchronized void answered(long tookNanos) {
    answered++;
    if (times < MOST_TIMES) {
      nanos[times++] = tookNanos;
    }
  }

  synchronized void failed() {
    failed++;
  }

  synchronized boolean allAnswered() {
    return sent == answered;
  }

  /** Without its closing brace. */
  synchronized String counts() {
    return "{\"sent\":%d,\"answered\":%d,\"failed\":%d".formatted(sent, answered, failed);
  }

  /** Counts since the start, and quantiles of the times since the last line. */
  synchronized String line() {
    Arrays.sort(nanos, 0, times);
    String line = counts() + ",\"p50Ms\":" + quantile(50) + ",\"p99Ms\":" + quantile(99) + "}";
    times = 0;
    return line;
  }

  /** The least that so many of a hundred did not exceed, in milliseconds. */
  private String quantile(int percent) {
    int rank = (times * percent + 99) / 100;
    double millis = rank == 0 ? 0 : nanos[rank - 1] / 1e6;
    return "%.1f".formatted(millis);
  }
}
