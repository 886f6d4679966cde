package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.cluster;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.NetworkFilter.HttpConnection;
import dev.meshctl.model.xds.NetworkFilter.HttpFilter;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.FilterOverrides;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction.Forward;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.route.CorsPolicy;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.RouteMatch;
import dev.meshctl.model.xds.route.ValueMatch;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What pages of other origins may do, over real sockets. */
class CorsTest {
  private static final String FILTER = "envoy.filters.http.cors";

  private final Backend backend = new Backend("b");
  private DataPlane plane;

  @BeforeEach
  void start() {
    plane = DataPlane.start(settings("client", 1), Optional.empty());
    HttpConnection http = http("out");
    HttpConnection sharing =
        new HttpConnection(
            http.statPrefix(),
            http.codec(),
            http.routes(),
            List.of(new HttpFilter.Cors(FILTER)),
            http.streamIdleTimeout(),
            http.requestTimeout(),
            http.idleTimeout(),
            !http.accessLog().isEmpty(),
            http.forwardClientCert());
    Route closer =
        new Route(
            "",
            new RouteMatch(new PathMatch.Prefix("/near"), false, List.of(), List.of()),
            Forward.to("b"),
            Headers.NONE,
            policy("near.example"));
    RouteTableConfig table =
        new RouteTableConfig(
            "out",
            List.of(
                new VirtualHost(
                    "all",
                    List.of("*"),
                    List.of(closer, route(Forward.to("b"))),
                    Headers.NONE,
                    Optional.empty(),
                    policy("far.example"))));
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(sharing)),
                    table,
                    cluster("b", backend.address()))))
        .isEmpty();
  }

  @AfterEach
  void stop() {
    plane.close();
    backend.close();
  }

  private static FilterOverrides policy(String host) {
    CorsPolicy policy =
        new CorsPolicy(
            List.of(new ValueMatch.Suffix("//" + host)),
            "GET,PUT",
            "x-token",
            "x-seen",
            "600",
            true,
            false,
            Optional.empty());
    return new FilterOverrides(Map.of(), Map.of(FILTER, policy));
  }

  private String ask(String method, String path, String... headers) throws IOException {
    InetSocketAddress at = Objects.requireNonNull(plane.listenAddresses().get("out"));
    try (Socket socket = new Socket(at.getAddress(), at.getPort())) {
      socket.setSoTimeout(10_000);
      StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: a\r\n");
      for (String header : headers) {
        request.append(header).append("\r\n");
      }
      request.append("Connection: close\r\n\r\n");
      socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void a_preflight_is_answered_without_the_upstream() throws IOException {
    String answer =
        ask("OPTIONS", "/x", "Origin: http://far.example", "Access-Control-Request-Method: PUT");
    assertThat(answer)
        .startsWith("HTTP/1.1 200")
        .contains("access-control-allow-origin: http://far.example\r\n")
        .contains("access-control-allow-credentials: true\r\n")
        .contains("access-control-allow-methods: GET,PUT\r\n")
        .contains("access-control-allow-headers: x-token\r\n")
        .contains("access-control-max-age: 600\r\n");
    assertThat(backend.requests()).isZero();
  }

  @Test
  void the_answer_to_an_allowed_origin_says_so() throws IOException {
    assertThat(ask("GET", "/x", "Origin: http://far.example"))
        .contains("access-control-allow-origin: http://far.example\r\n")
        .contains("access-control-expose-headers: x-seen\r\n")
        .endsWith("\r\n\r\nb");
  }

  @Test
  void other_origins_and_plain_options_go_upstream_as_they_are() throws IOException {
    assertThat(ask("GET", "/x", "Origin: http://evil.example"))
        .doesNotContain("access-control")
        .endsWith("b");
    assertThat(ask("GET", "/x")).doesNotContain("access-control");
    assertThat(ask("OPTIONS", "/x", "Origin: http://far.example")).endsWith("b");
    assertThat(
            ask(
                "OPTIONS",
                "/x",
                "Origin: http://evil.example",
                "Access-Control-Request-Method: PUT"))
        .doesNotContain("access-control-allow");
    assertThat(backend.requests()).isEqualTo(4);
  }

  @Test
  void a_route_has_the_word_before_its_host() throws IOException {
    assertThat(ask("GET", "/near", "Origin: http://near.example"))
        .contains("access-control-allow-origin: http://near.example");
    assertThat(ask("GET", "/near", "Origin: http://far.example")).doesNotContain("access-control");
  }
}
