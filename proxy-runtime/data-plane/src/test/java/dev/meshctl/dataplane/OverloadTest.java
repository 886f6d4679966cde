package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.cluster;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.observe.LoopCounters.Counter;
import dev.meshctl.dataplane.resilience.OverloadState;
import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.ConnectionLimit;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.OverloadConfig;
import dev.meshctl.model.xds.OverloadConfig.Action;
import dev.meshctl.model.xds.OverloadConfig.Trigger;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the proxy does when memory or connections run out, over real sockets. */
class OverloadTest {
  private static final String GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final Map<Action, List<Trigger>> ACTIONS =
      Map.of(
          Action.DISABLE_KEEPALIVE, List.of(Trigger.at(0.5)),
          Action.STOP_ACCEPTING_REQUESTS, List.of(Trigger.at(0.7)),
          Action.REJECT_CONNECTIONS, List.of(Trigger.at(0.8)),
          Action.STOP_ACCEPTING_CONNECTIONS, List.of(Trigger.at(0.9)));

  private final Backend backend = new Backend("b");
  private volatile double memory;
  @TempDir private Path folder;
  private DataPlane plane;

  @BeforeEach
  void start() {
    plane = plane(1000);
    configure(http("r"), Optional.empty());
  }

  private DataPlane plane(long maxConnections) {
    DataPlane.Settings base = settings("client", 1);
    return DataPlane.start(
        new DataPlane.Settings(
            base.node(),
            1,
            Optional.empty(),
            Optional.empty(),
            folder.resolve("log").toString(),
            base.drainDeadline(),
            new OverloadConfig(Duration.ofMillis(10), 0, maxConnections, ACTIONS)),
        Optional.empty(),
        (maxBytes, care) -> memory);
  }

  private void configure(NetworkFilter.HttpConnection http, Optional<ConnectionLimit> limit) {
    FilterChain chain = plain(logged(http));
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener(
                        "in",
                        Direction.INBOUND,
                        ANY_PORT,
                        new FilterChain(
                            chain.name(),
                            chain.match(),
                            chain.tls(),
                            chain.access(),
                            chain.filter(),
                            limit)),
                    routes("r", route(RouteAction.Forward.to("b"))),
                    cluster("b", backend.address()))))
        .isEmpty();
  }

  private static NetworkFilter.HttpConnection logged(NetworkFilter.HttpConnection http) {
    return new NetworkFilter.HttpConnection(
        http.statPrefix(),
        http.codec(),
        http.routes(),
        http.filters(),
        http.streamIdleTimeout(),
        http.requestTimeout(),
        http.idleTimeout(),
        true,
        http.forwardClientCert());
  }

  @AfterEach
  void close() {
    plane.close();
    backend.close();
  }

  private Socket connect() throws IOException {
    InetSocketAddress at = Objects.requireNonNull(plane.listenAddresses().get("in"));
    Socket socket = new Socket(at.getAddress(), at.getPort());
    socket.setSoTimeout(10_000);
    return socket;
  }

  /** The head of the answer to one request. */
  private static String ask(Socket socket) throws IOException {
    socket.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
    return head(socket.getInputStream());
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        return head.toString();
      }
      head.append((char) next);
    }
    String text = head.toString();
    int length = text.toLowerCase(java.util.Locale.ROOT).indexOf("content-length: ");
    if (length >= 0) {
      in.skipNBytes(Long.parseLong(text.substring(length + 16).split("\r")[0]));
    }
    return text;
  }

  private void fill(double pressure) {
    memory = pressure;
    Awaitility.await().until(() -> plane.overload().memory() == pressure);
  }

  @Test
  void requests_are_shed_with_503_and_a_flag_and_taken_again_when_memory_is_back()
      throws Exception {
    fill(0.75);
    try (Socket client = connect()) {
      assertThat(ask(client)).startsWith("HTTP/1.1 503 ");
    }
    assertThat(backend.requests()).isZero();
    assertThat(plane.counter(Counter.OVERLOAD_RQ_SHED)).isEqualTo(1);

    fill(0.1);
    try (Socket client = connect()) {
      assertThat(ask(client)).startsWith("HTTP/1.1 200 ");
    }

    Awaitility.await()
        .untilAsserted(() ->
            assertThat(Files.readString(folder.resolve("log")))
                .contains("503 OM ")
                .contains("overload"));
  }

  @Test
  void answers_end_their_connections_before_requests_are_shed() throws Exception {
    fill(0.6);
    try (Socket client = connect()) {
      assertThat(ask(client)).startsWith("HTTP/1.1 200 ").containsIgnoringCase("connection: close");
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void new_connections_are_closed_where_that_is_the_action() throws Exception {
    try (Socket before = connect()) {
      assertThat(ask(before)).startsWith("HTTP/1.1 200 ");
      fill(0.85);
      try (Socket refused = connect()) {
        assertThat(refused.getInputStream().read()).isEqualTo(-1);
      }
      assertThat(ask(before)).startsWith("HTTP/1.1 503 ");
    }
    assertThat(plane.counter(Counter.OVERLOAD_CX_REJECTED)).isEqualTo(1);
  }

  @Test
  void listeners_rest_and_take_who_has_waited_when_memory_is_back() throws Exception {
    fill(0.95);
    try (Socket waiting = connect()) {
      waiting.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
      assertThat(plane.overload().acceptNone()).isTrue();
      assertThat(plane.counter(Counter.DOWNSTREAM_CX_TOTAL)).isZero();

      fill(0);

      assertThat(head(waiting.getInputStream())).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void one_connection_too_many_is_closed_and_a_place_that_is_left_is_given_again()
      throws Exception {
    plane.close();
    plane = plane(2);
    configure(http("r"), Optional.empty());
    try (Socket one = connect();
        Socket two = connect()) {
      assertThat(ask(one)).startsWith("HTTP/1.1 200 ");
      assertThat(ask(two)).startsWith("HTTP/1.1 200 ");
      try (Socket three = connect()) {
        assertThat(three.getInputStream().read()).isEqualTo(-1);
      }
      assertThat(plane.counter(Counter.DOWNSTREAM_GLOBAL_CX_OVERFLOW)).isEqualTo(1);
      two.close();
      Awaitility.await().until(() -> plane.gate().inside() == 1);
      try (Socket four = connect()) {
        assertThat(ask(four)).startsWith("HTTP/1.1 200 ");
      }
    }
  }

  @Test
  void a_chain_has_a_limit_of_its_own_that_counts_over_configurations() throws Exception {
    configure(http("r"), Optional.of(new ConnectionLimit("few", 1, Duration.ZERO)));
    try (Socket one = connect()) {
      assertThat(ask(one)).startsWith("HTTP/1.1 200 ");
      configure(http("r"), Optional.of(new ConnectionLimit("few", 1, Duration.ofMillis(50))));

      try (Socket two = connect()) {
        assertThat(two.getInputStream().read()).isEqualTo(-1);
      }

      configure(http("r"), Optional.of(new ConnectionLimit("few", 2, Duration.ZERO)));
      try (Socket three = connect()) {
        assertThat(ask(three)).startsWith("HTTP/1.1 200 ");
      }
    }
  }

  @Test
  void without_configuration_memory_is_looked_at_and_connections_have_a_limit() {
    plane.close();
    plane = DataPlane.start(settings("client", 1), Optional.empty());

    Awaitility.await().until(() -> plane.overload().memory() > 0);
    assertThat(plane.overload()).satisfies(state -> assertThat(state.active()).isFalse());
    assertThat(OverloadState.NONE.active()).isFalse();
  }
}
