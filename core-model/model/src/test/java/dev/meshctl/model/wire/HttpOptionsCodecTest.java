package dev.meshctl.model.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.wire.EnvoyBootstrap.Outcome;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.HttpLimits;
import dev.meshctl.model.xds.HttpLimits.Http2;
import dev.meshctl.model.xds.HttpOptions;
import dev.meshctl.model.xds.HttpOptions.ClientAddress;
import dev.meshctl.model.xds.HttpOptions.Server;
import dev.meshctl.model.xds.HttpOptions.ServerHeader;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.NetworkFilter.HttpConnection;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.Upgrades;
import dev.meshctl.model.xds.UpstreamOptions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits and options as people write them. */
class HttpOptionsCodecTest {

  private static Outcome read(String manager, String cluster) {
    String text =
        """
        static_resources:
          listeners:
          - name: l
            per_connection_buffer_limit_bytes: 32768
            address: {socket_address: {address: 0.0.0.0, port_value: 8080}}
            filter_chains:
            - filters:
              - name: http
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: front
                  MANAGER
                  route_config: {virtual_hosts: []}
                  http_filters:
                  - name: envoy.filters.http.router
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
          clusters:
          - name: up
            CLUSTER
            load_assignment: {cluster_name: up}
        """
            .replace("MANAGER", manager.replace("\n", "\n          "))
            .replace("CLUSTER", cluster.replace("\n", "\n    "));
    return EnvoyBootstrap.read("envoy.yaml", text, DataFiles.NONE, false);
  }

  private static List<String> problems(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Refused(var problems) -> problems;
      case Outcome.Taken taken -> throw new AssertionError(taken);
    };
  }

  private static Outcome.Taken taken(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Taken taken -> taken;
      case Outcome.Refused refused -> throw new AssertionError(refused);
    };
  }

  private static ListenerConfig listener(Outcome outcome) {
    return (ListenerConfig)
        taken(outcome).config().statics().of(ResourceType.LISTENER).values().iterator().next();
  }

  private static HttpOptions options(Outcome outcome) {
    return ((HttpConnection) listener(outcome).chains().getFirst().filter()).options();
  }

  private static ClusterConfig cluster(Outcome outcome) {
    return (ClusterConfig)
        taken(outcome).config().statics().of(ResourceType.CLUSTER).values().iterator().next();
  }

  @Test
  void what_is_not_set_has_bounds_nevertheless() {
    Outcome outcome = read("", "");

    assertThat(options(outcome))
        .isEqualTo(
            HttpOptions.DEFAULT
                .withUpgrades(Upgrades.NONE)
                .withServer(new Server(ServerHeader.OVERWRITE, "meshctl")));
    assertThat(cluster(outcome).upstream()).isEqualTo(UpstreamOptions.DEFAULT);
    assertThat(HttpLimits.DEFAULT.headBytes()).isEqualTo(60 * 1024);
    assertThat(HttpLimits.DEFAULT.fields()).isEqualTo(100);
  }

  @Test
  void a_listener_says_its_limits() {
    Outcome outcome =
        read(
            """
            max_request_headers_kb: 8
            request_headers_timeout: 5s
            common_http_protocol_options: {max_headers_count: 20, max_requests_per_connection: 7}
            http2_protocol_options:
              max_concurrent_streams: 3
              initial_stream_window_size: 65535
              initial_connection_window_size: 131070
              hpack_table_size: 0
            use_remote_address: true
            xff_num_trusted_hops: 2
            skip_xff_append: true
            server_name: shop
            upgrade_configs:
              - {upgrade_type: WebSocket}
              - {upgrade_type: TLS/1.3, enabled: true}
              - {upgrade_type: spdy, enabled: false}
            via: 1.1 shop\
            """,
            "");

    assertThat(options(outcome))
        .isEqualTo(
            new HttpOptions(
                new HttpLimits(8, 20, 7, new Http2(3, 65_535, 131_070, 0)),
                Duration.ofSeconds(5),
                new ClientAddress(true, 2, true),
                new Server(ServerHeader.OVERWRITE, "shop"),
                new Upgrades(Set.of("websocket", "tls/1.3"), Set.of()),
                "1.1 shop"));
    assertThat(listener(outcome).bufferBytes()).isEqualTo(32_768);
    assertThat(taken(outcome).leftAside()).isEmpty();
  }

  @Test
  void a_cluster_says_its_limits_in_the_extension() {
    Outcome outcome =
        read(
            "",
            """
            max_requests_per_connection: 99
            per_connection_buffer_limit_bytes: 4096
            typed_extension_protocol_options:
              envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                common_http_protocol_options:
                  idle_timeout: 3s
                  max_headers_count: 30
                  max_response_headers_kb: 16
                  max_requests_per_connection: 5
                explicit_http_config: {http2_protocol_options: {max_concurrent_streams: 9}}\
            """);

    assertThat(cluster(outcome).upstream())
        .isEqualTo(
            new UpstreamOptions(
                new HttpLimits(16, 30, 5, new Http2(9, 262_144, 1_048_576, 4096)),
                Duration.ofSeconds(3),
                4096));
  }

  @Test
  void a_cluster_says_its_limits_in_the_fields_that_the_extension_replaced() {
    Outcome outcome =
        read(
            "",
            """
            max_requests_per_connection: 5
            common_http_protocol_options: {idle_timeout: 3s}
            http2_protocol_options: {max_concurrent_streams: 9}\
            """);

    assertThat(cluster(outcome).upstream())
        .isEqualTo(
            new UpstreamOptions(
                new HttpLimits(60, 100, 5, new Http2(9, 262_144, 1_048_576, 4096)),
                Duration.ofSeconds(3),
                0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "max_request_headers_kb: 0 | .max_request_headers_kb: 0 (expected: 1 to 8192)",
        "max_request_headers_kb: 9000 | .max_request_headers_kb: 9000 (expected: 1 to 8192)",
        "common_http_protocol_options: {max_headers_count: 0} | .max_headers_count: 0 (expected: 1",
        "http2_protocol_options: {max_concurrent_streams: 0} | .max_concurrent_streams: 0",
        "http2_protocol_options: {initial_stream_window_size: 9} | .initial_stream_window_size: 9",
        "via: \"a\\nb\" | .via: holds what no header may",
        "path_with_escaped_slashes_action: REJECT_REQUEST | .path_with_escaped_slashes_action: REJECT",
        "path_with_escaped_slashes_action: UNESCAPE_AND_FORWARD | .path_with_escaped_slashes_action",
        "normalize_path: false | .normalize_path: false (expected: true, or not set)",
        "common_http_protocol_options: {headers_with_underscores_action: DROP_HEADER} | DROP_HEADER",
        "common_http_protocol_options: {headers_with_underscores_action: REJECT_REQUEST} | REJECT_",
        "merge_slashes: true | .merge_slashes: not supported",
      })
  void what_cannot_be_honoured_is_refused_by_name(String setting, String problem) {
    assertThat(problems(read(setting, "")))
        .singleElement()
        .asString()
        .startsWith("envoy.yaml:12:")
        .contains(problem);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "path_with_escaped_slashes_action: KEEP_UNCHANGED",
        "normalize_path: true",
        "merge_slashes: false",
        "common_http_protocol_options: {headers_with_underscores_action: ALLOW}",
        "server_header_transformation: PASS_THROUGH",
      })
  void what_asks_for_what_happens_anyway_is_taken(String setting) {
    Outcome.Taken taken = taken(read(setting, ""));

    assertThat(taken.leftAside()).isEmpty();
  }
}
