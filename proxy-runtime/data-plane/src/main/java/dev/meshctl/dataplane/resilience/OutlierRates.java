package dev.meshctl.dataplane.resilience;

import dev.meshctl.model.xds.ClusterConfig.FailurePercentage;
import dev.meshctl.model.xds.ClusterConfig.SuccessRate;
import java.util.stream.IntStream;

/**
 * Which hosts failed too often in an interval, by Envoy's two rules. Counts are those of the
 * interval, one entry a host; answers are positions in them.
 *
 * <p>Thread: any.
 */
final class OutlierRates {
  private OutlierRates() {}

  /** Hosts whose success rate lies too far below the mean of all that have enough requests. */
  static int[] bySuccess(SuccessRate rule, long[] successes, long[] failures) {
    int[] counted = counted(rule.requestVolume(), successes, failures);
    if (counted.length == 0 || counted.length < rule.minHosts()) {
      return new int[0];
    }
    double mean =
        IntStream.of(counted).mapToDouble(i -> rate(successes, failures, i)).average().orElse(0);
    double variance =
        IntStream.of(counted)
            .mapToDouble(i -> Math.pow(rate(successes, failures, i) - mean, 2))
            .average()
            .orElse(0);
    double least = mean - Math.sqrt(variance) * rule.stdevThousandths() / 1000;
    return IntStream.of(counted).filter(i -> rate(successes, failures, i) < least).toArray();
  }

  /** Hosts of whose requests too large a part failed. */
  static int[] byFailures(FailurePercentage rule, long[] successes, long[] failures) {
    int[] counted = counted(rule.requestVolume(), successes, failures);
    if (counted.length < rule.minHosts()) {
      return new int[0];
    }
    return IntStream.of(counted)
        .filter(i -> 100 * failures[i] >= rule.threshold() * (successes[i] + failures[i]))
        .toArray();
  }

  private static int[] counted(int volume, long[] successes, long[] failures) {
    return IntStream.range(0, successes.length)
        .filter(i -> successes[i] + failures[i] >= Math.max(1, volume))
        .toArray();
  }

  private static double rate(long[] successes, long[] failures, int host) {
    return (double) successes[host] / (successes[host] + failures[host]);
  }
}
