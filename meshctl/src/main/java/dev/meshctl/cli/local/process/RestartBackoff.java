package dev.meshctl.cli.local.process;

import java.time.Duration;

/**
 * How long to wait before a dead process is started again: at once after a long life, then twice as
 * long for each death in a row.
 *
 * @param deaths in a row
 */
public record RestartBackoff(int deaths) {
  public static final RestartBackoff FRESH = new RestartBackoff(0);

  private static final Duration FIRST = Duration.ofMillis(200);
  private static final Duration LONGEST = Duration.ofSeconds(10);

  /** A process that lived this long had started well. */
  private static final Duration LONG_LIFE = Duration.ofSeconds(10);

  /** After a death at the age of {@code life}. */
  public RestartBackoff afterDeath(Duration life) {
    return new RestartBackoff(life.compareTo(LONG_LIFE) >= 0 ? 1 : deaths + 1);
  }

  /** 200 ms, 400 ms, ... 10 s. */
  public Duration delay() {
    if (deaths == 0) {
      return Duration.ZERO;
    }
    Duration delay = FIRST.multipliedBy(1L << Math.min(deaths - 1, 16));
    return delay.compareTo(LONGEST) > 0 ? LONGEST : delay;
  }
}
