package dev.meshctl.dataplane.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.model.xds.SocketEndpoint;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.BindException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AdminServerTest {
  private static final SocketEndpoint ANY_PORT = new SocketEndpoint("127.0.0.1", 0);

  private final FakeProxy proxy = new FakeProxy();
  private final HttpClient client = HttpClient.newHttpClient();
  private AdminServer server = start();

  private AdminServer start() {
    try {
      return AdminServer.start(ANY_PORT, proxy);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void open() {
    assertThat(server.address().getPort()).isPositive();
  }

  @AfterEach
  void close() {
    server.close();
    client.close();
  }

  private HttpResponse<String> send(String method, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:%d%s".formatted(server.address().getPort(), path));
    return client.send(
        HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode json(String path) throws Exception {
    HttpResponse<String> response = send("GET", path);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
    return JsonMapper.shared().readTree(response.body());
  }

  @Test
  void a_proxy_is_ready_once_it_is_live() throws Exception {
    proxy.state = AdminSource.State.PRE_INITIALIZING;
    assertThat(send("GET", "/ready").statusCode()).isEqualTo(503);
    assertThat(send("GET", "/ready").body()).isEqualTo("PRE_INITIALIZING\n");

    proxy.state = AdminSource.State.LIVE;
    assertThat(send("GET", "/ready").statusCode()).isEqualTo(200);
    assertThat(send("GET", "/ready").body()).isEqualTo("LIVE\n");
  }

  @Test
  void server_info_tells_state_and_node() throws Exception {
    JsonNode info = json("/server_info");

    assertThat(info.get("state").stringValue()).isEqualTo("LIVE");
    assertThat(info.at("/node/id").stringValue()).isEqualTo(FakeProxy.ID);
    assertThat(info.get("uptime_current_epoch").stringValue()).isEqualTo("90s");
  }

  @Test
  void stats_are_sorted_lines_that_a_regex_may_choose() throws Exception {
    assertThat(send("GET", "/stats").body())
        .isEqualTo(
            """
            cluster.c.upstream_cx_active: 2
            cluster.c.upstream_rq_2xx: 3
            cluster.c.upstream_rq_total: 7
            idle: 0
            cluster.c.upstream_rq_time: P0(nan,0.5) P25(nan,0.75) P50(nan,1) P75(nan,17.5) \
            P90(nan,22) P95(nan,23.5) P99(nan,24.7) P99.5(nan,24.85) P99.9(nan,24.97) P100(nan,25)
            """);
    assertThat(send("GET", "/stats?filter=cx_.*e$").body())
        .isEqualTo("cluster.c.upstream_cx_active: 2\n");
    assertThat(send("GET", "/stats?filter=idle&invert_filter&type=Gauges").body())
        .isEqualTo("cluster.c.upstream_cx_active: 2\n");
    assertThat(send("GET", "/stats?usedonly").body()).doesNotContain("idle");
    assertThat(json("/stats?format=json").at("/stats/2/value").intValue()).isEqualTo(7);
    assertThat(json("/stats?format=json").at("/stats/4/histograms/computed_quantiles/0/name"))
        .hasToString("\"cluster.c.upstream_rq_time\"");
  }

  @Test
  void prometheus_reads_stats_and_istio_metrics_in_its_format() throws Exception {
    HttpResponse<String> response = send("GET", "/stats/prometheus");

    assertThat(response.headers().firstValue("content-type").orElseThrow())
        .startsWith("text/plain; version=0.0.4");
    assertThat(response.body())
        .contains(
            """
            # TYPE envoy_cluster_upstream_cx_active gauge
            envoy_cluster_upstream_cx_active{envoy_cluster_name="c"} 2
            """,
            """
            # TYPE envoy_cluster_upstream_rq_xx counter
            envoy_cluster_upstream_rq_xx{envoy_response_code_class="2",envoy_cluster_name="c"} 3
            """,
            """
            envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="c",le="0.5"} 0
            envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="c",le="1"} 1
            """,
            "envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name=\"c\",le=\"+Inf\"} 2\n",
            "envoy_cluster_upstream_rq_time_count{envoy_cluster_name=\"c\"} 2\n",
            "# TYPE envoy_idle counter\nenvoy_idle{} 0\n")
        .endsWith("istio PROMETHEUS\n");
  }

  @Test
  void clusters_are_listed_with_their_hosts() throws Exception {
    assertThat(send("GET", "/clusters").body())
        .contains(
            "c::default_priority::max_connections::1024\n",
            "c::127.0.0.1:80::rq_total::7\n",
            "c::127.0.0.1:80::rq_success::5\n",
            "c::127.0.0.1:80::health_flags::/failed_outlier_check\n",
            "c::127.0.0.1:80::zone::z1\n");
    JsonNode host = json("/clusters?format=json").at("/cluster_statuses/0/host_statuses/0");
    assertThat(host.at("/address/socket_address/port_value").intValue()).isEqualTo(80);
    assertThat(host.at("/health_status/failed_outlier_check").booleanValue()).isTrue();
  }

  @Test
  void listeners_are_listed_with_their_addresses() throws Exception {
    assertThat(send("GET", "/listeners").body()).isEqualTo("virtualInbound::127.0.0.1:15006\n");
    assertThat(
            json("/listeners?format=json")
                .at("/listener_statuses/0/local_address/socket_address/port_value")
                .intValue())
        .isEqualTo(15006);
  }

  @Test
  void the_configuration_is_dumped_in_envoys_shape() throws Exception {
    JsonNode dump = json("/config_dump");

    assertThat(types(dump))
        .containsExactly(
            "BootstrapConfigDump",
            "ClustersConfigDump",
            "ListenersConfigDump",
            "ScopedRoutesConfigDump",
            "RoutesConfigDump",
            "SecretsConfigDump");
    assertThat(dump.at("/configs/0/bootstrap/node/id").stringValue()).isEqualTo(FakeProxy.ID);
    JsonNode cluster = dump.at("/configs/1/dynamic_active_clusters/0");
    assertThat(cluster.get("version_info").stringValue()).isEqualTo("v7");
    assertThat(cluster.get("last_updated").stringValue()).isEqualTo("2026-11-24T12:00:00Z");
    assertThat(cluster.at("/cluster/@type").stringValue())
        .isEqualTo("type.googleapis.com/envoy.config.cluster.v3.Cluster");
    assertThat(cluster.at("/cluster/connect_timeout").stringValue()).isEqualTo("1.500s");
    assertThat(types(json("/config_dump?include_eds"))).contains("EndpointsConfigDump");
  }

  private static List<String> types(JsonNode dump) {
    List<String> types = new ArrayList<>();
    dump.get("configs")
        .forEach(config ->
            types.add(
                config
                    .get("@type")
                    .stringValue()
                    .replace("type.googleapis.com/envoy.admin.v3.", "")));
    return types;
  }

  @Test
  void one_list_of_the_configuration_is_dumped_on_its_own() throws Exception {
    JsonNode routes = json("/config_dump?resource=dynamic_route_configs");

    assertThat(types(routes)).containsExactly("RoutesConfigDump.DynamicRouteConfig");
    assertThat(
            routes
                .at("/configs/0/route_config/virtual_hosts/0/routes/0/route/cluster")
                .stringValue())
        .isEqualTo("c");
    assertThat(
            json("/config_dump?resource=dynamic_active_clusters&name_regex=nope")
                .get("configs")
                .size())
        .isZero();
    assertThat(send("GET", "/config_dump?resource=nonsense").statusCode()).isEqualTo(404);
    assertThat(send("GET", "/config_dump?resource=dynamic_endpoint_configs").statusCode())
        .as("endpoints want include_eds")
        .isEqualTo(404);
  }

  @Test
  void a_mask_keeps_what_its_paths_lead_to() throws Exception {
    JsonNode cluster =
        json("/config_dump?resource=dynamic_active_clusters&mask=cluster.name,version_info")
            .at("/configs/0");

    assertThat(cluster.propertyNames())
        .containsExactlyInAnyOrder("@type", "version_info", "cluster");
    assertThat(cluster.get("cluster").propertyNames()).containsExactlyInAnyOrder("@type", "name");
    JsonNode bootstrap = json("/config_dump?mask=bootstrap.node.id");
    assertThat(types(bootstrap)).containsExactly("BootstrapConfigDump");
    assertThat(bootstrap.at("/configs/0/bootstrap").toString())
        .isEqualTo("{\"node\":{\"id\":\"" + FakeProxy.ID + "\"}}");
    assertThat(send("GET", "/config_dump?mask=configs").statusCode()).isEqualTo(400);
    assertThat(send("GET", "/config_dump?mask=dynamic_active_clusters.cluster").statusCode())
        .as("a list ends its path")
        .isEqualTo(400);
  }

  @Test
  void a_dump_never_holds_a_private_key() throws Exception {
    String dump = send("GET", "/config_dump").body();

    assertThat(dump).contains("the chain", "[redacted]").doesNotContain("the key");
  }

  @Test
  void what_was_refused_last_is_told_beside_what_is_in_force() throws Exception {
    JsonNode error =
        json("/config_dump?resource=dynamic_active_clusters").at("/configs/0/error_state");
    assertThat(error.get("details").stringValue()).isEqualTo("c: no type");
    assertThat(error.get("version_info").stringValue()).isEqualTo("v9");
    assertThat(error.get("last_update_attempt").stringValue()).isEqualTo("2026-11-24T12:00:00Z");

    JsonNode listener = json("/config_dump?resource=dynamic_listeners").at("/configs/0");
    assertThat(listener.get("name").stringValue()).isEqualTo("bad");
    assertThat(listener.at("/error_state/details").stringValue()).isEqualTo("bad: no port");
    assertThat(listener.has("active_state")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"/stats?filter=(, filter:", "'/clusters?filter=[', filter:"})
  void a_query_that_is_wrong_is_answered_with_what_was_expected(String path, String message)
      throws Exception {
    HttpResponse<String> response = send("GET", path.replace("[", "%5B"));

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains(message, "expected:");
  }

  @Test
  void draining_says_whether_clients_are_told() throws Exception {
    assertThat(send("POST", "/drain_listeners?graceful").body()).isEqualTo("OK\n");
    assertThat(send("POST", "/drain_listeners?inboundonly").body()).isEqualTo("OK\n");
    assertThat(send("POST", "/drain_listeners?skip_exit").statusCode()).isEqualTo(400);

    assertThat(proxy.drains).containsExactly("graceful", "at once, inbound");
  }

  @Test
  void logs_are_opened_anew() throws Exception {
    assertThat(send("POST", "/reopen_logs").body()).isEqualTo("OK\n");

    assertThat(proxy.reopened).isEqualTo(1);
  }

  @Test
  void quitting_is_answered_first() throws Exception {
    assertThat(send("POST", "/quitquitquit").body()).isEqualTo("OK\n");

    Awaitility.await().until(() -> proxy.quits == 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/drain_listeners", "/quitquitquit", "/logging", "/reopen_logs"})
  void what_changes_anything_wants_post(String path) throws Exception {
    assertThat(send("GET", path).statusCode()).isEqualTo(405);
    assertThat(proxy.drains).isEmpty();
    assertThat(proxy.quits).isZero();
  }

  @Test
  void what_only_reads_takes_post_as_in_envoy_and_nothing_else() throws Exception {
    assertThat(send("POST", "/stats").statusCode()).isEqualTo(200);
    assertThat(send("PUT", "/stats").statusCode()).isEqualTo(405);
    assertThat(send("HEAD", "/ready").statusCode()).isEqualTo(200);
  }

  @Test
  void levels_are_set_by_envoys_names() throws Exception {
    Logger ours = Logger.getLogger("dev.meshctl.dataplane.admin.test");
    try {
      HttpResponse<String> response =
          send("POST", "/logging?paths=dev.meshctl.dataplane.admin.test:debug");

      assertThat(response.body()).contains("dev.meshctl.dataplane.admin.test: debug");
      assertThat(ours.getLevel()).isEqualTo(Level.FINE);
      assertThat(send("POST", "/logging?level=loud").statusCode()).isEqualTo(400);
      assertThat(send("POST", "/logging?paths=nobody.knows:debug").statusCode()).isEqualTo(400);
    } finally {
      ours.setLevel(null);
    }
  }

  @Test
  void an_unknown_path_lists_those_that_are() throws Exception {
    HttpResponse<String> response = send("GET", "/nonsense");

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.body()).contains("/config_dump", "/quitquitquit (POST)");
  }

  @ParameterizedTest
  @CsvSource({
    "'Host: evil.example.com', 403",
    "'Host: 127.0.0.1.evil.example.com', 403",
    "'Host: 10.0.0.1', 403",
    "'Host: localhost:15000', 200",
    "'Host: 127.0.0.1:15000', 200",
    "'Host: [::1]:15000', 200",
    "'Host: localhost|Origin: http://evil.example.com', 403",
    "'Host: localhost|Origin: null', 403",
    "'Host: localhost|Origin: http://localhost', 200",
    "'Host: localhost|Sec-Fetch-Site: cross-site', 403",
    "'Host: localhost|Sec-Fetch-Site: same-site', 403",
    "'Host: localhost|Sec-Fetch-Site: none', 200"
  })
  void a_browser_that_another_site_led_here_is_refused(String headers, int status)
      throws Exception {
    try (Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
      String request = "GET /ready HTTP/1.1\r\n" + headers.replace("|", "\r\n") + "\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));

      assertThat(in.readLine()).contains(" " + status + " ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "10.1.2.3"})
  void an_address_that_others_can_reach_is_refused(String address) {
    assertThatThrownBy(() -> AdminServer.start(new SocketEndpoint(address, 0), proxy).close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected: loopback");
  }

  @Test
  void a_port_that_is_taken_is_named() {
    SocketEndpoint taken = new SocketEndpoint("127.0.0.1", server.address().getPort());

    assertThatThrownBy(() -> AdminServer.start(taken, proxy).close())
        .isInstanceOf(BindException.class)
        .hasMessageContaining(Integer.toString(taken.port()));
  }
}
