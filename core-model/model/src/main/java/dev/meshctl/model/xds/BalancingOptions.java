package dev.meshctl.model.xds;

import java.time.Duration;
import java.util.Optional;

/**
 * How a cluster's balancer is tuned: {@code *_lb_config} and {@code common_lb_config} of {@code
 * envoy.config.cluster.v3.Cluster}.
 *
 * @param choiceCount hosts that least request compares, at least 2
 * @param minRingSize positions of a hash ring at least, 1 to {@code maxRingSize}
 * @param maxRingSize positions at most, up to {@value #MOST_RING_SIZE}
 * @param maglevTableSize a prime, up to 5,000,011
 * @param panicPercent share of healthy hosts below which all are used, 0 to 100; 0 never panics
 * @param localityWeighted weights of localities count; else only those of endpoints
 * @param slowStart for hosts that have just come
 * @param zoneAware hosts of the proxy's own zone are preferred; not beside {@code localityWeighted}
 * @param subsets routes choose among hosts by labels
 * @param latency how times of answers count, with {@code PEAK_EWMA}
 */
public record BalancingOptions(
    int choiceCount,
    int minRingSize,
    int maxRingSize,
    int maglevTableSize,
    double panicPercent,
    boolean localityWeighted,
    Optional<SlowStart> slowStart,
    Optional<ZoneAware> zoneAware,
    Optional<SubsetOptions> subsets,
    Optional<LatencyOptions> latency) {
  public static final int MOST_RING_SIZE = 8 * 1024 * 1024;
  public static final int DEFAULT_RING_SIZE = 1024;
  public static final int DEFAULT_TABLE_SIZE = 65_537;

  public BalancingOptions(
      int choiceCount,
      int minRingSize,
      int maxRingSize,
      int maglevTableSize,
      double panicPercent,
      boolean localityWeighted,
      Optional<SlowStart> slowStart) {
    this(
        choiceCount,
        minRingSize,
        maxRingSize,
        maglevTableSize,
        panicPercent,
        localityWeighted,
        slowStart,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** The mesh's own: as Envoy's, but that few healthy hosts never bring unhealthy ones back. */
  public static final BalancingOptions DEFAULT =
      new BalancingOptions(
          2, DEFAULT_RING_SIZE, MOST_RING_SIZE, DEFAULT_TABLE_SIZE, 0, true, Optional.empty());

  /**
   * {@code SlowStartConfig}: a new host's weight grows over {@code window}.
   *
   * @param window positive
   * @param aggression above 0; 1 grows evenly, more grows faster at first
   * @param minWeightPercent what it begins with, 0 to 100
   */
  public record SlowStart(Duration window, double aggression, double minWeightPercent) {}

  /**
   * {@code ZoneAwareLbConfig}.
   *
   * @param routingPercent of the requests that it holds for, 0 to 100
   * @param minClusterSize healthy hosts below which it does not hold
   * @param failOnPanic in panic nobody is chosen
   */
  public record ZoneAware(double routingPercent, int minClusterSize, boolean failOnPanic) {
    /** Envoy's. */
    public static final ZoneAware DEFAULT = new ZoneAware(100, 6, false);
  }

  /**
   * Envoy's {@code peak_ewma.v3alpha.PeakEwma}.
   *
   * @param decay time after which a time counts for a third, positive
   * @param unmeasured what a host is taken to need that has not answered yet, positive
   * @param penalty what such a host costs once a request is under way to it, in milliseconds
   */
  public record LatencyOptions(Duration decay, Duration unmeasured, double penalty) {
    /** Envoy's. */
    public static final LatencyOptions DEFAULT =
        new LatencyOptions(Duration.ofSeconds(10), Duration.ofMillis(10), 1_000_000);
  }

  public BalancingOptions withPanicPercent(double percent) {
    return new BalancingOptions(
        choiceCount,
        minRingSize,
        maxRingSize,
        maglevTableSize,
        percent,
        localityWeighted,
        slowStart,
        zoneAware,
        subsets,
        latency);
  }

  public BalancingOptions withSlowStart(SlowStart start) {
    return new BalancingOptions(
        choiceCount,
        minRingSize,
        maxRingSize,
        maglevTableSize,
        panicPercent,
        localityWeighted,
        Optional.of(start),
        zoneAware,
        subsets,
        latency);
  }

  /** The same, with subsets of hosts for routes that ask. */
  public BalancingOptions withSubsets(SubsetOptions some) {
    return new BalancingOptions(
        choiceCount,
        minRingSize,
        maxRingSize,
        maglevTableSize,
        panicPercent,
        localityWeighted,
        slowStart,
        zoneAware,
        Optional.of(some),
        latency);
  }

  /** The same, with weights of localities or without. */
  public BalancingOptions withLocalityWeights(boolean weighted) {
    return new BalancingOptions(
        choiceCount,
        minRingSize,
        maxRingSize,
        maglevTableSize,
        panicPercent,
        weighted,
        slowStart,
        zoneAware,
        subsets,
        latency);
  }

  /** The same, preferring the own zone in place of weights of localities. */
  public BalancingOptions withZoneAware(ZoneAware zones) {
    return new BalancingOptions(
        choiceCount,
        minRingSize,
        maxRingSize,
        maglevTableSize,
        panicPercent,
        false,
        slowStart,
        Optional.of(zones),
        subsets,
        latency);
  }
}
