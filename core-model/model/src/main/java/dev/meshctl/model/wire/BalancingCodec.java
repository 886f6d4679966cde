package dev.meshctl.model.wire;

import com.google.protobuf.UInt64Value;
import dev.meshctl.model.xds.BalancingOptions;
import dev.meshctl.model.xds.BalancingOptions.LatencyOptions;
import dev.meshctl.model.xds.BalancingOptions.SlowStart;
import dev.meshctl.model.xds.BalancingOptions.ZoneAware;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.CommonLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.CommonLbConfig.ZoneAwareLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbPolicy;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LeastRequestLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.MaglevLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.RingHashLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.RoundRobinLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.SlowStartConfig;
import io.envoyproxy.envoy.config.core.v3.RuntimeDouble;
import io.envoyproxy.envoy.type.v3.Percent;
import java.util.Optional;

/** Policy and tuning of a cluster's balancer. */
final class BalancingCodec {
  private static final double DEFAULT_PANIC_PERCENT = 50;
  private static final double DEFAULT_MIN_WEIGHT_PERCENT = 10;
  private static final int MOST_TABLE_SIZE = 5_000_011;

  private static final KnownFields COMMON =
      KnownFields.of(
              CommonLbConfig.getDescriptor(),
              "healthy_panic_threshold",
              "locality_weighted_lb_config",
              "zone_aware_lb_config")
          .leavingAside(
              "update_merge_window",
              "ignore_new_hosts_until_first_hc",
              "close_connections_on_host_set_change");
  private static final KnownFields ZONES =
      KnownFields.of(
          ZoneAwareLbConfig.getDescriptor(),
          "routing_enabled",
          "min_cluster_size",
          "fail_traffic_on_panic");
  private static final KnownFields LEAST_REQUEST =
      KnownFields.of(LeastRequestLbConfig.getDescriptor(), "choice_count", "slow_start_config");
  private static final KnownFields ROUND_ROBIN =
      KnownFields.of(RoundRobinLbConfig.getDescriptor(), "slow_start_config");
  private static final KnownFields RING =
      KnownFields.of(
          RingHashLbConfig.getDescriptor(),
          "minimum_ring_size",
          "maximum_ring_size",
          "hash_function");
  private static final KnownFields MAGLEV =
      KnownFields.of(MaglevLbConfig.getDescriptor(), "table_size");
  private static final KnownFields SLOW_START =
      KnownFields.of(
          SlowStartConfig.getDescriptor(), "slow_start_window", "aggression", "min_weight_percent");

  private BalancingCodec() {}

  static LbPolicy policy(LoadBalancing balancing) {
    return switch (balancing) {
      case LEAST_REQUEST -> LbPolicy.LEAST_REQUEST;
      case ROUND_ROBIN -> LbPolicy.ROUND_ROBIN;
      case RANDOM -> LbPolicy.RANDOM;
      case RING_HASH -> LbPolicy.RING_HASH;
      case MAGLEV -> LbPolicy.MAGLEV;
      case PEAK_EWMA -> LbPolicy.LOAD_BALANCING_POLICY_CONFIG;
    };
  }

  static LoadBalancing policy(Reading reading, Cluster message) {
    if (message.getType() == Cluster.DiscoveryType.ORIGINAL_DST) {
      // The connection itself says where it goes, whatever else is written.
      return LoadBalancing.LEAST_REQUEST;
    }
    return switch (message.getLbPolicy()) {
      case ROUND_ROBIN -> LoadBalancing.ROUND_ROBIN;
      case LEAST_REQUEST, CLUSTER_PROVIDED -> LoadBalancing.LEAST_REQUEST;
      case RANDOM -> LoadBalancing.RANDOM;
      case RING_HASH -> LoadBalancing.RING_HASH;
      case MAGLEV -> LoadBalancing.MAGLEV;
      case LOAD_BALANCING_POLICY_CONFIG, UNRECOGNIZED -> {
        if (message.hasLoadBalancingPolicy()) {
          // All others were brought into their older form.
          yield LoadBalancing.PEAK_EWMA;
        }
        reading.refuse(
            "lb_policy",
            message.getLbPolicy()
                + " (expected: LEAST_REQUEST, ROUND_ROBIN, RANDOM, RING_HASH or MAGLEV)");
        yield LoadBalancing.LEAST_REQUEST;
      }
    };
  }

  static void encode(ClusterConfig cluster, Cluster.Builder message) {
    BalancingOptions options = cluster.balancing();
    CommonLbConfig.Builder common = message.getCommonLbConfigBuilder();
    common.setHealthyPanicThreshold(Percent.newBuilder().setValue(options.panicPercent()));
    if (options.localityWeighted()) {
      common.getLocalityWeightedLbConfigBuilder();
    }
    options.subsets().ifPresent(subsets -> message.setLbSubsetConfig(SubsetCodec.encode(subsets)));
    options
        .zoneAware()
        .ifPresent(zones ->
            common
                .getZoneAwareLbConfigBuilder()
                .setRoutingEnabled(Percent.newBuilder().setValue(zones.routingPercent()))
                .setMinClusterSize(UInt64Value.of(zones.minClusterSize()))
                .setFailTrafficOnPanic(zones.failOnPanic()));
    switch (cluster.loadBalancing()) {
      case LEAST_REQUEST -> {
        if (options.choiceCount() != 2 || options.slowStart().isPresent()) {
          LeastRequestLbConfig.Builder own = message.getLeastRequestLbConfigBuilder();
          own.setChoiceCount(Packing.unsigned(options.choiceCount()));
          options.slowStart().ifPresent(start -> own.setSlowStartConfig(encode(start)));
        }
      }
      case ROUND_ROBIN ->
          options
              .slowStart()
              .ifPresent(start ->
                  message.getRoundRobinLbConfigBuilder().setSlowStartConfig(encode(start)));
      case RANDOM -> {}
      case RING_HASH ->
          message
              .getRingHashLbConfigBuilder()
              .setMinimumRingSize(UInt64Value.of(options.minRingSize()))
              .setMaximumRingSize(UInt64Value.of(options.maxRingSize()));
      case PEAK_EWMA ->
          message.setLoadBalancingPolicy(
              PeakEwmaCodec.encode(options.latency().orElse(LatencyOptions.DEFAULT)));
      case MAGLEV ->
          message
              .getMaglevLbConfigBuilder()
              .setTableSize(UInt64Value.of(options.maglevTableSize()));
    }
  }

  private static SlowStartConfig encode(SlowStart start) {
    return SlowStartConfig.newBuilder()
        .setSlowStartWindow(Packing.duration(start.window()))
        .setAggression(
            RuntimeDouble.newBuilder()
                .setDefaultValue(start.aggression())
                .setRuntimeKey("slow_start.aggression"))
        .setMinWeightPercent(Percent.newBuilder().setValue(start.minWeightPercent()))
        .build();
  }

  static BalancingOptions decode(Reading reading, Cluster message) {
    CommonLbConfig common = message.getCommonLbConfig();
    reading.expect("common_lb_config", common, COMMON);
    LeastRequestLbConfig least = message.getLeastRequestLbConfig();
    reading.expect("least_request_lb_config", least, LEAST_REQUEST);
    reading.expect("round_robin_lb_config", message.getRoundRobinLbConfig(), ROUND_ROBIN);
    RingHashLbConfig ring = message.getRingHashLbConfig();
    reading.expect("ring_hash_lb_config", ring, RING);
    if (ring.getHashFunction() != RingHashLbConfig.HashFunction.XX_HASH) {
      reading.refuse(
          "ring_hash_lb_config.hash_function", ring.getHashFunction() + " (expected: XX_HASH)");
    }
    reading.expect("maglev_lb_config", message.getMaglevLbConfig(), MAGLEV);
    int choices = least.hasChoiceCount() ? Reading.unsigned(least.getChoiceCount()) : 2;
    if (choices < 2) {
      reading.refuse("least_request_lb_config.choice_count", choices + " (expected: 2 or more)");
    }
    return new BalancingOptions(
        Math.max(2, choices),
        size(
            reading,
            "ring_hash_lb_config.minimum_ring_size",
            ring.hasMinimumRingSize(),
            ring.getMinimumRingSize(),
            BalancingOptions.DEFAULT_RING_SIZE,
            BalancingOptions.MOST_RING_SIZE),
        size(
            reading,
            "ring_hash_lb_config.maximum_ring_size",
            ring.hasMaximumRingSize(),
            ring.getMaximumRingSize(),
            BalancingOptions.MOST_RING_SIZE,
            BalancingOptions.MOST_RING_SIZE),
        tableSize(reading, message.getMaglevLbConfig()),
        common.hasHealthyPanicThreshold()
            ? common.getHealthyPanicThreshold().getValue()
            : DEFAULT_PANIC_PERCENT,
        common.hasLocalityWeightedLbConfig(),
        slowStart(reading, message),
        common.hasZoneAwareLbConfig()
            ? Optional.of(zoneAware(reading, common.getZoneAwareLbConfig()))
            : Optional.empty(),
        message.hasLbSubsetConfig()
            ? Optional.of(SubsetCodec.decode(reading, message.getLbSubsetConfig()))
            : Optional.empty(),
        message.hasLoadBalancingPolicy()
            ? PeakEwmaCodec.decode(
                reading,
                "load_balancing_policy",
                message
                    .getLoadBalancingPolicy()
                    .getPolicies(0)
                    .getTypedExtensionConfig()
                    .getTypedConfig())
            : Optional.empty());
  }

  private static ZoneAware zoneAware(Reading reading, ZoneAwareLbConfig message) {
    reading.expect("common_lb_config.zone_aware_lb_config", message, ZONES);
    return new ZoneAware(
        message.hasRoutingEnabled()
            ? message.getRoutingEnabled().getValue()
            : ZoneAware.DEFAULT.routingPercent(),
        message.hasMinClusterSize()
            ? (int) Math.clamp(message.getMinClusterSize().getValue(), 0, (long) Integer.MAX_VALUE)
            : ZoneAware.DEFAULT.minClusterSize(),
        message.getFailTrafficOnPanic());
  }

  private static int tableSize(Reading reading, MaglevLbConfig message) {
    String path = "maglev_lb_config.table_size";
    int size =
        size(
            reading,
            path,
            message.hasTableSize(),
            message.getTableSize(),
            BalancingOptions.DEFAULT_TABLE_SIZE,
            MOST_TABLE_SIZE);
    if (!isPrime(size)) {
      reading.refuse(path, size + " (expected: a prime number)");
    }
    return size;
  }

  private static boolean isPrime(int number) {
    for (int divisor = 2; (long) divisor * divisor <= number; divisor++) {
      if (number % divisor == 0) {
        return false;
      }
    }
    return number > 1;
  }

  private static int size(
      Reading reading, String path, boolean set, UInt64Value value, int otherwise, int most) {
    if (!set) {
      return otherwise;
    }
    if (Long.compareUnsigned(value.getValue(), most) > 0 || value.getValue() == 0) {
      reading.refuse(
          path, Long.toUnsignedString(value.getValue()) + " (expected: 1 to " + most + ")");
      return otherwise;
    }
    return (int) value.getValue();
  }

  private static Optional<SlowStart> slowStart(Reading reading, Cluster message) {
    return switch (message.getLbPolicy()) {
      case LEAST_REQUEST ->
          message.getLeastRequestLbConfig().hasSlowStartConfig()
              ? slowStart(
                  reading,
                  "least_request_lb_config.slow_start_config",
                  message.getLeastRequestLbConfig().getSlowStartConfig())
              : Optional.empty();
      case ROUND_ROBIN ->
          message.getRoundRobinLbConfig().hasSlowStartConfig()
              ? slowStart(
                  reading,
                  "round_robin_lb_config.slow_start_config",
                  message.getRoundRobinLbConfig().getSlowStartConfig())
              : Optional.empty();
      case RANDOM,
          RING_HASH,
          MAGLEV,
          CLUSTER_PROVIDED,
          LOAD_BALANCING_POLICY_CONFIG,
          UNRECOGNIZED ->
          Optional.empty();
    };
  }

  private static Optional<SlowStart> slowStart(
      Reading reading, String path, SlowStartConfig message) {
    reading.expect(path, message, SLOW_START);
    double aggression = message.hasAggression() ? message.getAggression().getDefaultValue() : 1;
    if (!(aggression > 0)) {
      reading.refuse(path + ".aggression", aggression + " (expected: above 0)");
    }
    return Optional.of(
            new SlowStart(
                reading.duration(path + ".slow_start_window", message.getSlowStartWindow()),
                aggression,
                message.hasMinWeightPercent()
                    ? message.getMinWeightPercent().getValue()
                    : DEFAULT_MIN_WEIGHT_PERCENT))
        .filter(start -> start.window().isPositive());
  }
}
