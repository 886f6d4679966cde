package dev.meshctl.model.wire;

import dev.meshctl.model.telemetry.TelemetryReport;
import dev.meshctl.model.wire.telemetry.Report;

/**
 * {@link TelemetryReport} to and from its message.
 *
 * <p>Threads: pure functions.
 */
public final class TelemetryCodec {
  private TelemetryCodec() {}

  public static Report encode(TelemetryReport report) {
    throw new UnsupportedOperationException();
  }

  /**
   * The record of {@code report}.
   *
   * @throws IllegalArgumentException where it contradicts itself, for example buckets without
   *     counts
   */
  public static TelemetryReport decode(Report report) {
    throw new UnsupportedOperationException();
  }
}
