package dev.meshctl.model.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.xds.type.v3.TypedStruct;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.UInt64Value;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.Value;
import dev.meshctl.model.xds.BalancingOptions.LatencyOptions;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.Labels;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SubsetOptions;
import dev.meshctl.model.xds.SubsetOptions.Fallback;
import dev.meshctl.model.xds.SubsetOptions.Localities;
import dev.meshctl.model.xds.SubsetOptions.Selector;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.LoadBalancingPolicy;
import io.envoyproxy.envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest;
import io.envoyproxy.envoy.extensions.load_balancing_policies.maglev.v3.Maglev;
import io.envoyproxy.envoy.extensions.load_balancing_policies.pick_first.v3.PickFirst;
import io.envoyproxy.envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin;
import io.envoyproxy.envoy.extensions.load_balancing_policies.subset.v3.Subset;
import io.envoyproxy.envoy.extensions.load_balancing_policies.wrr_locality.v3.WrrLocality;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TypedPolicyCodecTest {
  private static LoadBalancingPolicy policies(Message... configs) {
    LoadBalancingPolicy.Builder policies = LoadBalancingPolicy.newBuilder();
    for (Message config : configs) {
      policies
          .addPoliciesBuilder()
          .getTypedExtensionConfigBuilder()
          .setName("any")
          .setTypedConfig(Any.pack(config));
    }
    return policies.build();
  }

  private static Decoded decoded(LoadBalancingPolicy policies) {
    return XdsCodec.decode(
        ResourceType.CLUSTER,
        Any.pack(
            Cluster.newBuilder()
                .setName("c")
                .setType(Cluster.DiscoveryType.EDS)
                .setLoadBalancingPolicy(policies)
                .build()));
  }

  private static ClusterConfig cluster(LoadBalancingPolicy policies) {
    assertThat(decoded(policies)).isInstanceOf(Decoded.Accepted.class);
    return (ClusterConfig) ((Decoded.Accepted) decoded(policies)).resource();
  }

  @Test
  void a_typed_policy_means_what_the_older_fields_mean() {
    ClusterConfig least =
        cluster(policies(LeastRequest.newBuilder().setChoiceCount(UInt32Value.of(5)).build()));
    assertThat(least.loadBalancing()).isEqualTo(LoadBalancing.LEAST_REQUEST);
    assertThat(least.balancing().choiceCount()).isEqualTo(5);
    assertThat(least.balancing().localityWeighted()).isFalse();

    ClusterConfig maglev =
        cluster(policies(Maglev.newBuilder().setTableSize(UInt64Value.of(251)).build()));
    assertThat(maglev.loadBalancing()).isEqualTo(LoadBalancing.MAGLEV);
    assertThat(maglev.balancing().maglevTableSize()).isEqualTo(251);
  }

  @Test
  void the_first_policy_that_is_known_is_taken() {
    assertThat(
            cluster(policies(PickFirst.getDefaultInstance(), RoundRobin.getDefaultInstance()))
                .loadBalancing())
        .isEqualTo(LoadBalancing.ROUND_ROBIN);
  }

  @Test
  void weights_of_localities_stand_around_another_policy() {
    ClusterConfig weighted =
        cluster(
            policies(
                WrrLocality.newBuilder()
                    .setEndpointPickingPolicy(policies(RoundRobin.getDefaultInstance()))
                    .build()));
    assertThat(weighted.loadBalancing()).isEqualTo(LoadBalancing.ROUND_ROBIN);
    assertThat(weighted.balancing().localityWeighted()).isTrue();
  }

  @Test
  void a_list_without_a_known_policy_is_refused() {
    assertThat(decoded(policies(PickFirst.getDefaultInstance())))
        .isInstanceOf(Decoded.Rejected.class)
        .asString()
        .contains("load_balancing_policy: no policy is known");
  }

  @Test
  void subsets_stand_around_another_policy() {
    ClusterConfig subsets =
        cluster(
            policies(
                Subset.newBuilder()
                    .setFallbackPolicy(Subset.LbSubsetFallbackPolicy.ANY_ENDPOINT)
                    .setListAsAny(true)
                    .addSubsetSelectors(
                        Subset.LbSubsetSelector.newBuilder()
                            .addKeys("version")
                            .setSingleHostPerSubset(true))
                    .setSubsetLbPolicy(policies(RoundRobin.getDefaultInstance()))
                    .build()));
    assertThat(subsets.loadBalancing()).isEqualTo(LoadBalancing.ROUND_ROBIN);
    assertThat(subsets.balancing().subsets())
        .contains(
            new SubsetOptions(
                new Fallback.AnyEndpoint(),
                Labels.NONE,
                List.of(new Selector(Set.of("version"), Optional.empty(), true)),
                Localities.UNWEIGHTED,
                false,
                true));
  }

  @Test
  void what_subsets_do_not_act_on_is_refused_by_name() {
    assertThat(
            decoded(
                policies(
                    Subset.newBuilder()
                        .setAllowRedundantKeys(true)
                        .setMetadataFallbackPolicyValue(1)
                        .addSubsetSelectors(
                            Subset.LbSubsetSelector.newBuilder()
                                .addKeys("a")
                                .addKeys("b")
                                .setSingleHostPerSubset(true))
                        .setSubsetLbPolicy(policies(RoundRobin.getDefaultInstance()))
                        .build())))
        .isInstanceOf(Decoded.Rejected.class)
        .asString()
        .contains("allow_redundant_keys: not supported")
        .contains("metadata_fallback_policy: FALLBACK_LIST")
        .contains("subset_selectors[0].keys: 2 keys");
  }

  private static final String PEAK_EWMA =
      "type.googleapis.com/envoy.extensions.load_balancing_policies.peak_ewma.v3alpha.PeakEwma";

  private static TypedStruct peakEwma(String field, Value value) {
    return TypedStruct.newBuilder()
        .setTypeUrl(PEAK_EWMA)
        .setValue(Struct.newBuilder().putFields(field, value))
        .build();
  }

  @Test
  void peak_ewma_is_read_from_a_typed_struct() {
    ClusterConfig read =
        cluster(
            policies(peakEwma("decay_time", Value.newBuilder().setStringValue("1.5s").build())));
    assertThat(read.loadBalancing()).isEqualTo(LoadBalancing.PEAK_EWMA);
    assertThat(read.balancing().latency())
        .contains(new LatencyOptions(Duration.ofMillis(1500), Duration.ofMillis(10), 1_000_000));
  }

  @Test
  void peak_ewma_is_read_from_its_own_bytes() {
    ByteString half =
        com.google.protobuf.Duration.newBuilder().setNanos(500_000_000).build().toByteString();
    Any own =
        Any.newBuilder()
            .setTypeUrl(PEAK_EWMA)
            .setValue(
                UnknownFieldSet.newBuilder()
                    .addField(
                        4, UnknownFieldSet.Field.newBuilder().addLengthDelimited(half).build())
                    .build()
                    .toByteString())
            .build();
    LoadBalancingPolicy.Builder policies = LoadBalancingPolicy.newBuilder();
    policies
        .addPoliciesBuilder()
        .getTypedExtensionConfigBuilder()
        .setName("peak")
        .setTypedConfig(own);
    assertThat(cluster(policies.build()).balancing().latency())
        .contains(new LatencyOptions(Duration.ofSeconds(10), Duration.ofMillis(500), 1_000_000));
  }

  @Test
  void what_peak_ewma_cannot_be_is_refused() {
    assertThat(
            decoded(
                policies(
                    peakEwma("decay_time", Value.newBuilder().setStringValue("soon").build()))))
        .isInstanceOf(Decoded.Rejected.class)
        .asString()
        .contains("typed_extension_config.value.decay_time: 'soon' (expected: seconds");
    assertThat(decoded(policies(peakEwma("flavour", Value.newBuilder().setNumberValue(1).build()))))
        .isInstanceOf(Decoded.Rejected.class)
        .asString()
        .contains("value.flavour: not supported");
  }
}
