package dev.meshctl.model.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.wire.EnvoyBootstrap.Outcome;
import dev.meshctl.model.xds.BalancingOptions.LatencyOptions;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.ConnectionLife;
import dev.meshctl.model.xds.Labels;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.NetworkFilter.HttpConnection;
import dev.meshctl.model.xds.NetworkFilter.Routes;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.Retry.Elsewhere;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction.Forward;
import dev.meshctl.model.xds.SubsetOptions;
import dev.meshctl.model.xds.SubsetOptions.Fallback;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Balancing, retries and connections as people write them for an Envoy. */
class BalancingAsWrittenTest {
  private static Outcome read(String action, String cluster) {
    String text =
        """
        static_resources:
          listeners:
          - name: l
            address: {socket_address: {address: 0.0.0.0, port_value: 8080}}
            filter_chains:
            - filters:
              - name: http
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: front
                  route_config:
                    virtual_hosts:
                    - name: all
                      domains: ["*"]
                      routes:
                      - match: {prefix: /}
                        route: ACTION
                  http_filters:
                  - name: envoy.filters.http.router
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
          clusters:
          - name: up
            CLUSTER
            load_assignment:
              cluster_name: up
              endpoints:
              - lb_endpoints:
                - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}
                  metadata: {filter_metadata: {envoy.lb: {version: "1.1", canary: true}}}
        """
            .replace("ACTION", action)
            .replace("CLUSTER", cluster.strip().replace("\n", "\n    "));
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

  private static ClusterConfig cluster(String written) {
    Outcome outcome = read("{cluster: up}", written);
    return (ClusterConfig)
        taken(outcome).config().statics().of(ResourceType.CLUSTER).values().iterator().next();
  }

  private static Forward forward(String written) {
    ListenerConfig listener =
        (ListenerConfig)
            taken(read(written, "type: STATIC"))
                .config()
                .statics()
                .of(ResourceType.LISTENER)
                .values()
                .iterator()
                .next();
    HttpConnection http = (HttpConnection) listener.chains().getFirst().filter();
    return (Forward)
        ((Routes.Inline) http.routes()).table().hosts().getFirst().routes().getFirst().action();
  }

  @Test
  void peak_ewma_stands_in_a_typed_struct() {
    ClusterConfig cluster =
        cluster(
            """
            type: STATIC
            load_balancing_policy:
              policies:
              - typed_extension_config:
                  name: envoy.load_balancing_policies.peak_ewma
                  typed_config:
                    "@type": type.googleapis.com/xds.type.v3.TypedStruct
                    type_url: type.googleapis.com/envoy.extensions.load_balancing_policies.peak_ewma.v3alpha.PeakEwma
                    value: {decay_time: 5s, default_rtt: 0.02s}
            """);
    assertThat(cluster.loadBalancing()).isEqualTo(LoadBalancing.PEAK_EWMA);
    assertThat(cluster.balancing().latency())
        .contains(new LatencyOptions(Duration.ofSeconds(5), Duration.ofMillis(20), 1_000_000));
  }

  @Test
  void subsets_choose_by_metadata_of_endpoints_and_routes() {
    ClusterConfig cluster =
        cluster(
            """
            type: STATIC
            lb_subset_config:
              fallback_policy: ANY_ENDPOINT
              subset_selectors: [{keys: [version]}]
            """);
    assertThat(cluster.balancing().subsets())
        .contains(SubsetOptions.by(new Fallback.AnyEndpoint(), "version"));
    assertThat(
            ((Discovery.Static) cluster.discovery())
                .endpoints()
                .localities()
                .getFirst()
                .endpoints()
                .getFirst()
                .labels())
        .isEqualTo(Labels.of(Map.of("version", "1.1")).with(Elsewhere.CANARY));

    Forward forward =
        forward(
            "{metadata_match: {filter_metadata: {envoy.lb: {version: '1', stage: prod}}},"
                + " weighted_clusters: {clusters: [{name: up, weight: 1, metadata_match:"
                + " {filter_metadata: {envoy.lb: {version: '2'}}}}]}}");
    assertThat(forward.clusters().getFirst().subset())
        .isEqualTo(Labels.of(Map.of("version", "2", "stage", "prod")));
  }

  @Test
  void retries_go_elsewhere_by_predicates_and_priority() {
    Forward forward =
        forward(
            """
            {cluster: up, retry_policy: {retry_on: 5xx,
              retry_host_predicate: [
                {name: envoy.retry_host_predicates.previous_hosts, typed_config: {"@type":
                  type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate}},
                {name: envoy.retry_host_predicates.omit_canary_hosts, typed_config: {"@type":
                  type.googleapis.com/envoy.extensions.retry.host.omit_canary_hosts.v3.OmitCanaryHostsPredicate}},
                {name: envoy.retry_host_predicates.omit_host_metadata, typed_config: {"@type":
                  type.googleapis.com/envoy.extensions.retry.host.omit_host_metadata.v3.OmitHostMetadataConfig,
                  metadata_match: {filter_metadata: {envoy.lb: {stage: old}}}}}],
              retry_priority: {name: envoy.retry_priorities.previous_priorities, typed_config: {"@type":
                  type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig,
                  update_frequency: 2}}}}
            """
                .replaceAll("\\s+", " "));
    assertThat(forward.retry().orElseThrow().elsewhere())
        .isEqualTo(new Elsewhere(List.of(Elsewhere.CANARY, Labels.of(Map.of("stage", "old"))), 2));
  }

  @Test
  void connections_have_limits_a_life_and_keepalive() {
    ClusterConfig cluster =
        cluster(
            """
            type: STATIC
            circuit_breakers: {per_host_thresholds: [{max_connections: 7}]}
            upstream_connection_options: {tcp_keepalive: {keepalive_probes: 3, keepalive_time: 60}}
            common_http_protocol_options: {max_connection_duration: 90s}
            """);
    assertThat(cluster.circuitBreakers().maxHostConnections()).isEqualTo(7);
    assertThat(cluster.upstream().life())
        .isEqualTo(
            new ConnectionLife(
                Duration.ofSeconds(90), Optional.of(new ConnectionLife.Keepalive(3, 60, 0))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "circuit_breakers: {per_host_thresholds: [{max_requests: 7}]} |"
            + " circuit_breakers.per_host_thresholds[0].max_requests: not supported",
        "circuit_breakers: {per_host_thresholds: [{max_connections: 0}]} |"
            + " circuit_breakers.per_host_thresholds[0].max_connections: 0 (expected: 1 to",
        "circuit_breakers: {per_host_thresholds: [{priority: HIGH, max_connections: 7}]} |"
            + " circuit_breakers.per_host_thresholds[0].priority: HIGH (expected: DEFAULT)",
        "lb_subset_config: {metadata_fallback_policy: FALLBACK_LIST} |"
            + " lb_subset_config.metadata_fallback_policy: FALLBACK_LIST",
        "lb_subset_config: {subset_selectors: [{keys: [a], fallback_policy: KEYS_SUBSET,"
            + " fallback_keys_subset: [a]}]} |"
            + " lb_subset_config.subset_selectors[0].fallback_keys_subset: [a] (expected: some",
        "upstream_connection_options: {tcp_keepalive: {keepalive_probes: 300}} |"
            + " upstream_connection_options.tcp_keepalive.keepalive_probes: 300 (expected: 0 to 127)"
      })
  void what_a_cluster_cannot_have_is_refused_by_name(String written, String problem) {
    assertThat(problems(read("{cluster: up}", "type: STATIC\n" + written)))
        .anySatisfy(each -> assertThat(each).contains(problem.strip()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{cluster: up, hedge_policy: {initial_requests: 3}} | hedge_policy.initial_requests",
        "{cluster: up, hedge_policy: {additional_request_chance: {numerator: 5}}} |"
            + " hedge_policy.additional_request_chance",
        "{cluster: up, retry_policy: {retry_priority: {name: mine}}} | retry_policy.retry_priority",
        "{cluster: up, retry_policy: {retry_host_predicate: [{name: mine}]}} |"
            + " retry_policy.retry_host_predicate[0]: mine is not supported"
      })
  void what_a_route_cannot_have_is_refused_by_name(String written, String problem) {
    assertThat(problems(read(written, "type: STATIC")))
        .anySatisfy(each -> assertThat(each).contains(problem.strip()));
  }
}
