package dev.meshctl.integration.judges;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.meshctl.model.testkit.Judges;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * go-control-plane's own integration driver with our proxy in Envoy's place: it serves three
 * versions of clusters, endpoints, listeners and routes, and sends requests through each.
 */
class GoControlPlaneIT {
  private static final String MESSAGE = "Hi, there!";
  private static final int LISTENERS = 4;

  @TempDir Path folder = Path.of("");

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "ads,",
    "delta-ads,",
    "xds,",
    "delta,",
    "rest,",
    "xds,-mux",
    "ads,-tls",
    "delta-ads,-tls",
    "xds,-tls",
    "rest,-tls"
  })
  void every_version_is_reached_through_our_proxy(String mode, String more) throws Exception {
    JudgeRun run = drive(mode, more, "ours");

    assertThat(run.output()).contains("Test for " + mode + " passed!");
    assertThat(run.exit()).isZero();
  }

  @Test
  void the_same_is_reached_through_envoy() throws Exception {
    assertThat(drive("ads", null, "envoy").exit()).isZero();
  }

  private JudgeRun drive(String mode, @org.jspecify.annotations.Nullable String more, String who)
      throws IOException, InterruptedException {
    Path driver = Judges.goControlPlane();
    HttpServer upstream =
        HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 64);
    int xds = ProxyProcess.freePort();
    int rest = ProxyProcess.freePort();
    int log = ProxyProcess.freePort();
    String bootstrap =
        bootstrap(mode).replace("@SERVER@", Integer.toString(mode.equals("rest") ? rest : xds));
    List<String> command =
        new ArrayList<>(
            List.of(
                driver.toString(),
                "--xds=" + mode,
                "--port=" + xds,
                "--gateway=" + rest,
                "--als=" + log,
                "--base=" + freeRange(),
                "--upstream=" + upstream.getAddress().getPort(),
                "--message=" + MESSAGE,
                "--scopedhttp=0",
                "--vhdshttp=0",
                "--extension=0",
                "--runtimes=0"));
    if (mode.equals("rest")) {
      // Clusters, endpoints, listeners, routes and secrets are polled one after the other: the five
      // requests of a version, half a second apart, would be over on a slow machine.
      command.add("--r=12");
    }
    if (more != null) {
      command.add(more);
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      upstream.setExecutor(threads);
      upstream.createContext("/", GoControlPlaneIT::answer);
      upstream.start();
      String name = mode + (more == null ? "" : more);
      try (ProxyProcess proxy =
          who.equals("envoy")
              ? ProxyProcess.envoy(folder, name, bootstrap)
              : ProxyProcess.ours(folder, name, bootstrap)) {
        JudgeRun run = JudgeRun.of("go-control-plane-" + who + "-" + name, command);
        if (who.equals("ours")) {
          // Requests are answered by what was in force before as well: this is the newer one.
          assertThat(configuration(proxy)).contains("cluster-v").doesNotContain("cluster-v0-");
        }
        return run;
      } finally {
        Files.copy(
            folder.resolve(who + "-" + name + ".log"),
            JudgeRun.kept("go-control-plane-" + who + "-" + name + "-log"),
            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      upstream.stop(0);
    }
  }

  private static String configuration(ProxyProcess proxy) throws IOException {
    try (var in =
        URI.create("http://127.0.0.1:" + proxy.port() + "/config_dump").toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void answer(com.sun.net.httpserver.HttpExchange exchange) throws IOException {
    byte[] body = MESSAGE.getBytes(StandardCharsets.US_ASCII);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /** Several ports in a row that are free. */
  private static int freeRange() {
    while (true) {
      int first = ProxyProcess.freePort();
      List<ServerSocket> held = new ArrayList<>();
      try {
        for (int i = 0; i < LISTENERS; i++) {
          held.add(new ServerSocket(first + i, 1, InetAddress.ofLiteral("127.0.0.1")));
        }
        return first;
      } catch (IOException taken) {
        // The next.
      } finally {
        held.forEach(GoControlPlaneIT::close);
      }
    }
  }

  private static void close(ServerSocket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String bootstrap(String mode) {
    String api =
        switch (mode) {
          case "ads", "xds" -> GRPC.formatted("GRPC");
          case "delta-ads", "delta" -> GRPC.formatted("DELTA_GRPC");
          case "rest" ->
              "{api_type: REST, transport_api_version: V3, refresh_delay: 0.2s, cluster_names: [xds_cluster]}";
          default -> throw new IllegalArgumentException(mode);
        };
    String dynamic =
        mode.endsWith("ads")
            ? "{ads_config: %s, cds_config: {resource_api_version: V3, ads: {}}, lds_config: {resource_api_version: V3, ads: {}}}"
                .formatted(api)
            : "{cds_config: {resource_api_version: V3, api_config_source: %s}, lds_config: {resource_api_version: V3, api_config_source: %s}}"
                .formatted(api, api);
    return """
    node: {id: test-id, cluster: test-cluster}
    admin: {address: {socket_address: {address: 127.0.0.1, port_value: @PORT@}}}
    dynamic_resources: %s
    static_resources:
      clusters:
      - name: xds_cluster
        connect_timeout: 1s
        %s
        load_assignment: {cluster_name: xds_cluster, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: @SERVER@}}}}]}]}
      - name: als_cluster
        connect_timeout: 1s
        http2_protocol_options: {}
        load_assignment: {cluster_name: als_cluster, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}
    """
        .formatted(dynamic, mode.equals("rest") ? "" : "http2_protocol_options: {}");
  }

  private static final String GRPC =
      "{api_type: %s, transport_api_version: V3, set_node_on_first_message_only: true, grpc_services: [{envoy_grpc: {cluster_name: xds_cluster}}]}";
}
