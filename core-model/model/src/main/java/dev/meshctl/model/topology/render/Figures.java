package dev.meshctl.model.topology.render;

import dev.meshctl.model.query.GraphView;
import java.util.Locale;

/** Numbers as people read them: three significant digits, no more. */
public final class Figures {
  private Figures() {}

  /** {@code 0.4/s}, {@code 12/s}, {@code 3.4k/s}. */
  public static String rate(double perSecond) {
    return number(perSecond) + "/s";
  }

  /** {@code 850 µs}, {@code 4.2 ms}, {@code 1.3 s}. */
  public static String latency(double millis) {
    if (millis <= 0) {
      return "0 ms";
    }
    if (millis < 1) {
      return Math.max(1, Math.round(millis * 1000)) + " µs";
    }
    return millis < 1000 ? number(millis) + " ms" : number(millis / 1000) + " s";
  }

  /** {@code 0%}, {@code 0.3%}, {@code 12%}; never 0% or 100% for a share that only comes close. */
  public static String percent(double percent) {
    if (percent <= 0 || percent >= 100) {
      return percent <= 0 ? "0%" : "100%";
    }
    if (percent < 0.1) {
      return "<0.1%";
    }
    if (percent < 9.95 && Math.rint(percent) != percent) {
      return String.format(Locale.ROOT, "%.1f%%", percent);
    }
    return percent > 99 && percent < 100 ? ">99%" : Math.round(percent) + "%";
  }

  /** Errors of requests, as {@link #percent}. */
  public static String errors(GraphView.Edge edge) {
    return percent(errorPercent(edge));
  }

  public static double errorPercent(GraphView.Edge edge) {
    return edge.requests() == 0 ? 0 : 100.0 * edge.errors() / edge.requests();
  }

  private static String number(double value) {
    if (value >= 1_000_000) {
      return String.format(Locale.ROOT, "%.1fM", value / 1_000_000);
    }
    if (value >= 9_950) {
      return Math.round(value / 1000) + "k";
    }
    if (value >= 1000) {
      return String.format(Locale.ROOT, "%.1fk", value / 1000);
    }
    if (value >= 9.95 || value == 0) {
      return Long.toString(Math.round(value));
    }
    return value < 0.1 ? "<0.1" : String.format(Locale.ROOT, "%.1f", value);
  }
}
