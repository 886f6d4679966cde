package dev.meshctl.model.explain;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Shares as people write them. */
public final class Percent {
  private Percent() {}

  /** To two places at most: {@code 55.56}, {@code 10}. */
  public static String of(double percent) {
    return BigDecimal.valueOf(percent)
        .setScale(2, RoundingMode.HALF_UP)
        .stripTrailingZeros()
        .toPlainString();
  }
}
