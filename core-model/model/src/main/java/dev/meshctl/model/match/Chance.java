package dev.meshctl.model.match;

import java.util.random.RandomGenerator;

/**
 * A percentage, to the millionth. 0 and 100 throw no dice.
 *
 * <p>Thread: any; the dice belong to the caller's.
 */
public final class Chance {
  public static final Chance NEVER = new Chance(0);

  private static final int WHOLE = 1_000_000;

  private final int millionths;

  private Chance(int millionths) {
    this.millionths = millionths;
  }

  /** Of {@code percentage} in 100, 0 to 100. */
  public static Chance ofPercentage(double percentage) {
    return new Chance((int) Math.round(Math.clamp(percentage, 0, 100) * (WHOLE / 100)));
  }

  public boolean hits(RandomGenerator dice) {
    return millionths >= WHOLE || (millionths > 0 && dice.nextInt(WHOLE) < millionths);
  }

  public boolean isNever() {
    return millionths == 0;
  }
}
