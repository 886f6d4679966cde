package dev.meshctl.cli.demo;

/**
 * How far a measured share may lie from the desired one by chance: the central interval of a
 * binomial distribution, exact.
 *
 * @param least smallest count within the interval
 * @param most largest count within it
 */
record BinomialBound(long trials, double share, double confidence, long least, long most) {

  /**
   * The counts between which {@code trials} independent choices with probability {@code share} fall
   * with at least {@code confidence}; each tail outside holds at most half of the rest.
   *
   * @param share 0 to 1
   * @param confidence above 0, below 1
   */
  static BinomialBound of(long trials, double share, double confidence) {
    if (trials < 0 || !(share >= 0 && share <= 1) || !(confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException(
          "trials " + trials + ", share " + share + ", confidence " + confidence);
    }
    if (share == 0 || share == 1 || trials == 0) {
      long only = share == 1 ? trials : 0;
      return new BinomialBound(trials, share, confidence, only, only);
    }
    double tail = (1 - confidence) / 2;
    long least = lowerQuantile(trials, share, tail);
    long most = trials - lowerQuantile(trials, 1 - share, tail);
    return new BinomialBound(trials, share, confidence, least, most);
  }

  boolean holds(long count) {
    return count >= least && count <= most;
  }

  double leastPercent() {
    return trials == 0 ? 0 : 100.0 * least / trials;
  }

  double mostPercent() {
    return trials == 0 ? 100 : 100.0 * most / trials;
  }

  /** The smallest k with P(X <= k) > tail, so that P(X < k) <= tail. */
  private static long lowerQuantile(long trials, double share, double tail) {
    double logOdds = Math.log(share) - Math.log1p(-share);
    double logProbability = trials * Math.log1p(-share);
    double cumulative = 0;
    for (long k = 0; k <= trials; k++) {
      cumulative += Math.exp(logProbability);
      if (cumulative > tail) {
        return k;
      }
      logProbability += Math.log((double) (trials - k) / (k + 1)) + logOdds;
    }
    return trials;
  }
}
