package dev.meshctl.dataplane.protocols;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.cluster;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.meshctl.dataplane.DataPlane;
import dev.meshctl.dataplane.hardening.Tap;
import dev.meshctl.dataplane.testing.Http2Peer;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.dataplane.testing.StrictClients;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.SocketEndpoint;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A proxy that is to end and of which not everybody has heard goes on to accept; each connection is
 * told with its next answer that it was the last one.
 */
class LingerTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

  private final CountDownLatch goOn = new CountDownLatch(1);
  private final DataPlane plane = DataPlane.start(settings("gateway", 2), Optional.empty());

  @AfterEach
  void stop() {
    goOn.countDown();
    plane.close();
  }

  private InetSocketAddress proxying(SocketEndpoint upstream) {
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
                    routes("out", route(RouteAction.Forward.to("up"))),
                    cluster("up", upstream))))
        .isEmpty();
    return Objects.requireNonNull(plane.listenAddresses().get("out"));
  }

  private static Socket connected(InetSocketAddress at) throws IOException {
    Socket socket = new Socket(at.getAddress(), at.getPort());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static void ask(Socket socket) throws IOException {
    socket.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
  }

  /** What comes until the connection ends. */
  private static String all(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
  }

  /** One answer of a connection that stays. */
  private static String answer(Socket socket) throws IOException {
    StringBuilder text = new StringBuilder();
    while (!text.toString().endsWith("\r\n\r\nok")) {
      int next = socket.getInputStream().read();
      assertThat(next).as("after '%s'", text).isNotNegative();
      text.append((char) next);
    }
    return text.toString();
  }

  private static void get(Http2Peer client, int stream) throws InterruptedException {
    client.headers(
        stream, true, ":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/");
  }

  @Test
  void who_connects_while_it_lingers_is_answered_and_told_that_it_was_the_last()
      throws IOException {
    try (Tap up = Tap.answering(Tap.OK)) {
      InetSocketAddress at = proxying(up.address());
      plane.linger();

      for (int i = 0; i < 4; i++) {
        try (Socket late = connected(at)) {
          ask(late);
          assertThat(all(late))
              .startsWith("HTTP/1.1 200 OK")
              .contains("connection: close")
              .endsWith("\r\n\r\nok");
        }
      }
    }
  }

  @Test
  void a_connection_that_rests_is_not_cut_off_and_its_next_request_is_its_last()
      throws IOException {
    try (Tap up = Tap.answering(Tap.OK);
        Socket kept = connected(proxying(up.address()))) {
      ask(kept);
      assertThat(answer(kept)).doesNotContain("connection: close");

      plane.linger();
      assertThat(plane.openConnections()).isEqualTo(1);

      ask(kept);
      assertThat(all(kept)).contains("connection: close").endsWith("\r\n\r\nok");
    }
  }

  @Test
  void a_request_that_is_under_way_is_answered() throws Exception {
    try (Tap up =
            Tap.open((tap, in, out) -> {
              while (!tap.head(in).isEmpty()) {
                try {
                  assertThat(goOn.await(20, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException stopped) {
                  Thread.currentThread().interrupt();
                }
                out.write(Tap.OK.getBytes(StandardCharsets.US_ASCII));
                out.flush();
              }
            });
        Socket busy = connected(proxying(up.address()))) {
      ask(busy);
      await().until(() -> up.heads().size() == 1);

      plane.linger();
      goOn.countDown();

      assertThat(all(busy)).contains("connection: close").endsWith("\r\n\r\nok");
    }
  }

  @Test
  void over_http_2_both_an_old_and_a_new_connection_are_told_and_still_served() throws Exception {
    try (Tap up = Tap.answering(Tap.OK)) {
      InetSocketAddress at = proxying(up.address());
      try (Http2Peer old = Http2Peer.connect(at)) {
        get(old, 3);
        assertThat(old.next()).startsWith("HEADERS 3 :status=200");
        assertThat(old.next()).isEqualTo("DATA 3 ok END");

        plane.linger();

        try (Http2Peer late = Http2Peer.connect(at)) {
          for (Http2Peer client : new Http2Peer[] {old, late}) {
            assertThat(client.next())
                .as("that no stream will be served soon; those on their way are")
                .isEqualTo("GOAWAY " + Integer.MAX_VALUE + " 0");
            get(client, 5);
            assertThat(client.next()).startsWith("HEADERS 5 :status=200");
            assertThat(client.next()).isEqualTo("DATA 5 ok END");
          }
        }
      }
    }
  }

  @Test
  void configuration_is_still_followed() throws IOException {
    try (Tap leaving = Tap.answering(Tap.OK);
        Tap staying = Tap.answering(Tap.OK)) {
      InetSocketAddress at = proxying(leaving.address());
      plane.linger();

      assertThat(proxying(staying.address())).isEqualTo(at);

      try (Socket late = connected(at)) {
        ask(late);
        assertThat(all(late)).endsWith("\r\n\r\nok");
      }
      assertThat(leaving.heads()).isEmpty();
      assertThat(staying.heads()).hasSize(1);
    }
  }

  @Test
  void clients_that_forgive_nothing_lose_nothing_while_it_lingers() throws Exception {
    try (Tap up = Tap.answering(Tap.OK);
        StrictClients clients = new StrictClients()) {
      InetSocketAddress at = proxying(up.address());
      clients.keepingAlive(at);
      clients.connectingEachTime(at);
      clients.streaming(at);
      await().until(() -> clients.answers().values().stream().allMatch(count -> count >= 20));

      plane.linger();
      var before = clients.answers();

      await()
          .until(() ->
              clients.answers().entrySet().stream()
                  .allMatch(
                      each -> each.getValue() >= before.getOrDefault(each.getKey(), 0L) + 20));
      assertThat(clients.failures()).isEmpty();
    }
  }

  @Test
  void at_its_end_nobody_is_accepted_any_more() throws IOException {
    try (Tap up = Tap.answering(Tap.OK)) {
      InetSocketAddress at = proxying(up.address());
      plane.linger();
      try (Socket rests = connected(at)) {
        plane.close();

        assertThat(rests.getInputStream().read()).isEqualTo(-1);
      }
      assertThatThrownBy(() -> connected(at).close()).isInstanceOf(ConnectException.class);
    }
  }
}
