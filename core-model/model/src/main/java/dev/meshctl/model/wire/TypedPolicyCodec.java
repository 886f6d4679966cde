package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.meshctl.model.xds.BalancingOptions.LatencyOptions;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.CommonLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbPolicy;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbSubsetConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.SlowStartConfig;
import io.envoyproxy.envoy.config.cluster.v3.LoadBalancingPolicy;
import io.envoyproxy.envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig;
import io.envoyproxy.envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest;
import io.envoyproxy.envoy.extensions.load_balancing_policies.maglev.v3.Maglev;
import io.envoyproxy.envoy.extensions.load_balancing_policies.random.v3.Random;
import io.envoyproxy.envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash;
import io.envoyproxy.envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin;
import io.envoyproxy.envoy.extensions.load_balancing_policies.subset.v3.Subset;
import io.envoyproxy.envoy.extensions.load_balancing_policies.wrr_locality.v3.WrrLocality;
import java.util.Optional;

/**
 * {@code load_balancing_policy}: the first policy of the list that we know, brought into the older
 * form ({@code lb_policy} and its {@code *_lb_config}), which means the same and is read by {@link
 * BalancingCodec}.
 */
final class TypedPolicyCodec {
  private static final KnownFields ROUND_ROBIN =
      KnownFields.of(RoundRobin.getDescriptor(), "slow_start_config", "locality_lb_config");
  private static final KnownFields LEAST_REQUEST =
      KnownFields.of(
          LeastRequest.getDescriptor(), "choice_count", "slow_start_config", "locality_lb_config");
  private static final KnownFields RANDOM =
      KnownFields.of(Random.getDescriptor(), "locality_lb_config");
  private static final KnownFields RING =
      KnownFields.of(
          RingHash.getDescriptor(),
          "hash_function",
          "minimum_ring_size",
          "maximum_ring_size",
          "locality_weighted_lb_config");
  private static final KnownFields MAGLEV =
      KnownFields.of(Maglev.getDescriptor(), "table_size", "locality_weighted_lb_config");
  private static final KnownFields WRR =
      KnownFields.of(WrrLocality.getDescriptor(), "endpoint_picking_policy");
  private static final KnownFields SUBSET =
      KnownFields.of(
          Subset.getDescriptor(),
          "fallback_policy",
          "default_subset",
          "subset_selectors",
          "locality_weight_aware",
          "scale_locality_weight",
          "panic_mode_any",
          "list_as_any",
          "metadata_fallback_policy",
          "subset_lb_policy");
  private static final KnownFields LOCALITY =
      KnownFields.of(
          LocalityLbConfig.getDescriptor(), "zone_aware_lb_config", "locality_weighted_lb_config");

  private TypedPolicyCodec() {}

  /** {@code message} in the older form; itself where it is in no other. */
  static Cluster older(Reading reading, Cluster message) {
    if (!message.hasLoadBalancingPolicy()) {
      return message;
    }
    Cluster.Builder older = message.toBuilder().clearLoadBalancingPolicy();
    if (!first(reading, "load_balancing_policy", message.getLoadBalancingPolicy(), older)) {
      reading.refuse(
          "load_balancing_policy",
          "no policy is known (expected: round_robin, least_request, random, ring_hash, maglev,"
              + " peak_ewma, wrr_locality or subset)");
      older.setLbPolicy(LbPolicy.ROUND_ROBIN);
    }
    return older.build();
  }

  private static boolean first(
      Reading reading, String path, LoadBalancingPolicy message, Cluster.Builder older) {
    for (int i = 0; i < message.getPoliciesCount(); i++) {
      Any config = message.getPolicies(i).getTypedExtensionConfig().getTypedConfig();
      if (take(reading, path + ".policies[" + i + "].typed_extension_config", config, older)) {
        return true;
      }
    }
    return false;
  }

  private static boolean take(Reading reading, String path, Any any, Cluster.Builder older) {
    if (Reading.holds(any, RoundRobin.getDescriptor())) {
      older.setLbPolicy(LbPolicy.ROUND_ROBIN);
      RoundRobin policy =
          unpacked(reading, path, any, RoundRobin.getDescriptor(), RoundRobin.parser(), ROUND_ROBIN)
              .orElse(RoundRobin.getDefaultInstance());
      if (policy.hasSlowStartConfig()) {
        older
            .getRoundRobinLbConfigBuilder()
            .setSlowStartConfig(same(policy.getSlowStartConfig(), SlowStartConfig.parser()));
      }
      locality(reading, path, policy.getLocalityLbConfig(), older);
      return true;
    }
    if (Reading.holds(any, LeastRequest.getDescriptor())) {
      older.setLbPolicy(LbPolicy.LEAST_REQUEST);
      LeastRequest policy =
          unpacked(
                  reading,
                  path,
                  any,
                  LeastRequest.getDescriptor(),
                  LeastRequest.parser(),
                  LEAST_REQUEST)
              .orElse(LeastRequest.getDefaultInstance());
      var own = older.getLeastRequestLbConfigBuilder();
      if (policy.hasChoiceCount()) {
        own.setChoiceCount(policy.getChoiceCount());
      }
      if (policy.hasSlowStartConfig()) {
        own.setSlowStartConfig(same(policy.getSlowStartConfig(), SlowStartConfig.parser()));
      }
      locality(reading, path, policy.getLocalityLbConfig(), older);
      return true;
    }
    if (Reading.holds(any, Random.getDescriptor())) {
      older.setLbPolicy(LbPolicy.RANDOM);
      locality(
          reading,
          path,
          unpacked(reading, path, any, Random.getDescriptor(), Random.parser(), RANDOM)
              .orElse(Random.getDefaultInstance())
              .getLocalityLbConfig(),
          older);
      return true;
    }
    return takeByHash(reading, path, any, older)
        || takeWeighted(reading, path, any, older)
        || takeSubsets(reading, path, any, older)
        || takePeakEwma(reading, path, any, older);
  }

  private static boolean takeByHash(Reading reading, String path, Any any, Cluster.Builder older) {
    if (Reading.holds(any, RingHash.getDescriptor())) {
      older.setLbPolicy(LbPolicy.RING_HASH);
      RingHash policy =
          unpacked(reading, path, any, RingHash.getDescriptor(), RingHash.parser(), RING)
              .orElse(RingHash.getDefaultInstance());
      var own = older.getRingHashLbConfigBuilder();
      if (policy.getHashFunction() == RingHash.HashFunction.MURMUR_HASH_2) {
        reading.refuse(path + ".hash_function", "MURMUR_HASH_2 (expected: XX_HASH)");
      }
      if (policy.hasMinimumRingSize()) {
        own.setMinimumRingSize(policy.getMinimumRingSize());
      }
      if (policy.hasMaximumRingSize()) {
        own.setMaximumRingSize(policy.getMaximumRingSize());
      }
      weighted(policy.hasLocalityWeightedLbConfig(), older);
      return true;
    }
    if (Reading.holds(any, Maglev.getDescriptor())) {
      older.setLbPolicy(LbPolicy.MAGLEV);
      Maglev policy =
          unpacked(reading, path, any, Maglev.getDescriptor(), Maglev.parser(), MAGLEV)
              .orElse(Maglev.getDefaultInstance());
      if (policy.hasTableSize()) {
        older.getMaglevLbConfigBuilder().setTableSize(policy.getTableSize());
      }
      weighted(policy.hasLocalityWeightedLbConfig(), older);
      return true;
    }
    return false;
  }

  /** Weights of localities around another policy. */
  private static boolean takeWeighted(
      Reading reading, String path, Any any, Cluster.Builder older) {
    if (!Reading.holds(any, WrrLocality.getDescriptor())) {
      return false;
    }
    LoadBalancingPolicy within =
        unpacked(reading, path, any, WrrLocality.getDescriptor(), WrrLocality.parser(), WRR)
            .orElse(WrrLocality.getDefaultInstance())
            .getEndpointPickingPolicy();
    boolean known = first(reading, path + ".endpoint_picking_policy", within, older);
    weighted(known, older);
    return known;
  }

  /** The older form has no such policy: it stays a typed one, read once and written anew. */
  private static boolean takePeakEwma(
      Reading reading, String path, Any any, Cluster.Builder older) {
    Optional<LatencyOptions> latency = PeakEwmaCodec.decode(reading, path, any);
    latency.ifPresent(options ->
        older
            .setLbPolicy(LbPolicy.LOAD_BALANCING_POLICY_CONFIG)
            .setLoadBalancingPolicy(PeakEwmaCodec.encode(options)));
    return latency.isPresent();
  }

  /** Subsets, among whose hosts another policy chooses; the older form has the same fields. */
  private static boolean takeSubsets(Reading reading, String path, Any any, Cluster.Builder older) {
    if (!Reading.holds(any, Subset.getDescriptor())) {
      return false;
    }
    Subset policy =
        unpacked(reading, path, any, Subset.getDescriptor(), Subset.parser(), SUBSET)
            .orElse(Subset.getDefaultInstance());
    boolean known = first(reading, path + ".subset_lb_policy", policy.getSubsetLbPolicy(), older);
    if (known) {
      older.setLbSubsetConfig(
          same(policy.toBuilder().clearSubsetLbPolicy().build(), LbSubsetConfig.parser()));
    }
    return known;
  }

  private static <M extends Message> Optional<M> unpacked(
      Reading reading, String path, Any any, Descriptor type, Parser<M> parser, KnownFields known) {
    Optional<M> policy = reading.unpack(path, any, type, parser);
    policy.ifPresent(message -> reading.expect(path, message, known));
    return policy;
  }

  private static void locality(
      Reading reading, String path, LocalityLbConfig message, Cluster.Builder older) {
    reading.expect(path + ".locality_lb_config", message, LOCALITY);
    if (message.hasZoneAwareLbConfig()) {
      older
          .getCommonLbConfigBuilder()
          .setZoneAwareLbConfig(
              same(message.getZoneAwareLbConfig(), CommonLbConfig.ZoneAwareLbConfig.parser()));
    }
    weighted(message.hasLocalityWeightedLbConfig(), older);
  }

  private static void weighted(boolean weighted, Cluster.Builder older) {
    if (weighted) {
      older.getCommonLbConfigBuilder().getLocalityWeightedLbConfigBuilder();
    }
  }

  /** A message whose twin has the same fields under the same numbers. */
  private static <M extends Message> M same(Message twin, Parser<M> parser) {
    try {
      return parser.parseFrom(twin.toByteString());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("bytes that were just written", e);
    }
  }
}
