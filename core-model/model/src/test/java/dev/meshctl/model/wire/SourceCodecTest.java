package dev.meshctl.model.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.StandaloneConfig.Source;
import dev.meshctl.model.xds.StandaloneConfig.Source.Api;
import dev.meshctl.model.xds.StandaloneConfig.Streams;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource.ApiType;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What resources that came from a server refer to comes from the servers of the bootstrap. */
class SourceCodecTest {
  private static Streams endpointsFrom(String cluster, boolean aggregated) {
    Source source = new Source(Api.GRPC, cluster, Duration.ZERO, Duration.ZERO, aggregated);
    return new Streams(
        Map.of(ResourceType.CLUSTER, source, ResourceType.ENDPOINTS, source),
        Set.of(ResourceType.CLUSTER));
  }

  private static Decoded decode(ConfigSource.Builder source, Streams streams) {
    Cluster.Builder cluster = Cluster.newBuilder().setName("a").setType(Cluster.DiscoveryType.EDS);
    cluster.getEdsClusterConfigBuilder().setEdsConfig(source);
    return XdsCodec.decode(
        ResourceType.CLUSTER,
        Any.pack(cluster.build()),
        path -> {
          throw new IOException("no file " + path);
        },
        false,
        streams);
  }

  private static ConfigSource.Builder server(String cluster) {
    GrpcService.Builder service = GrpcService.newBuilder();
    service.getEnvoyGrpcBuilder().setClusterName(cluster);
    return ConfigSource.newBuilder()
        .setApiConfigSource(
            ApiConfigSource.newBuilder().setApiType(ApiType.GRPC).addGrpcServices(service));
  }

  private static ConfigSource.Builder ads() {
    return ConfigSource.newBuilder().setAds(AggregatedConfigSource.getDefaultInstance());
  }

  @Test
  void the_server_that_a_resource_came_from_may_be_named() {
    assertThat(decode(server("one"), endpointsFrom("one", false)))
        .isInstanceOf(Decoded.Accepted.class);
    assertThat(decode(ads(), endpointsFrom("one", true))).isInstanceOf(Decoded.Accepted.class);
  }

  @Test
  void another_server_is_refused_by_name() {
    assertThat(decode(server("two"), endpointsFrom("one", true)).toString())
        .contains("eds_config.api_config_source", "server two (expected: ads, or one)");
  }

  @Test
  void the_aggregated_stream_is_refused_where_there_is_none() {
    assertThat(decode(ads(), endpointsFrom("one", false)).toString())
        .contains("eds_config", "ads (expected: one)");
  }

  @Test
  void a_type_that_no_server_has_is_refused() {
    assertThat(decode(server("one"), Streams.NONE).toString())
        .contains("server one (expected: no server: the bootstrap names none for this type)");
  }
}
