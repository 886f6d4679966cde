package dev.meshctl.dataplane.resilience;

import dev.meshctl.model.match.Bytes;
import dev.meshctl.model.match.CompiledHeaderMatches;
import dev.meshctl.model.xds.Retry.ResetHeader;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How long an answer asks to wait before the next try, as by {@code Retry-After}: the first header
 * that holds a number counts, and half as much again is added by chance, so that those who were
 * turned away together do not come back together.
 *
 * <p>Thread: any; the dice belong to the caller's.
 */
public final class ResetWait {
  private static final long NANOS_A_SECOND = 1_000_000_000;
  private static final int MOST_DIGITS = 10;

  private final List<ResetHeader> headers;
  private final long mostNanos;

  /**
   * @param most what asks for longer is not heeded
   */
  public ResetWait(List<ResetHeader> headers, Duration most) {
    this.headers =
        headers.stream()
            .map(header ->
                new ResetHeader(header.name().toLowerCase(Locale.ROOT), header.unixTimestamp()))
            .toList();
    this.mostNanos = most.toNanos();
  }

  /** Nanoseconds; -1 where the answer does not say, or asks for too long. */
  public long nanos(
      CompiledHeaderMatches.Source response, long nowEpochMillis, RandomGenerator dice) {
    for (int i = 0; i < headers.size(); i++) {
      Bytes value = response.header(headers.get(i).name());
      long number = value == null ? -1 : number(value);
      if (number >= 0) {
        long seconds = headers.get(i).unixTimestamp() ? number - nowEpochMillis / 1000 : number;
        if (seconds >= 0 && seconds <= mostNanos / NANOS_A_SECOND) {
          long nanos = seconds * NANOS_A_SECOND;
          return nanos + dice.nextLong(nanos / 2 + 1);
        }
      }
    }
    return -1;
  }

  /**
   * Seconds of a {@code Retry-After} as nanoseconds; -1 where it is none (dates are not heeded: the
   * clocks of hosts differ).
   */
  public static long retryAfterNanos(@Nullable Bytes value) {
    long seconds = value == null ? -1 : number(value);
    return seconds < 0 ? -1 : seconds * NANOS_A_SECOND;
  }

  private static long number(Bytes text) {
    if (text.length() == 0 || text.length() > MOST_DIGITS) {
      return -1;
    }
    long number = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.at(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }
}
