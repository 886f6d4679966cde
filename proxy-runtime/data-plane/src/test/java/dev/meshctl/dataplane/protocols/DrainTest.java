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
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.SocketEndpoint;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nothing under way is lost when listeners, connections and endpoints go. */
class DrainTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

  private final CountDownLatch goOn = new CountDownLatch(1);
  private final DataPlane plane =
      DataPlane.start(
          new DataPlane.Settings(
              settings("client", 1).node(),
              1,
              Optional.of(ANY_PORT),
              Optional.empty(),
              "",
              settings("client", 1).drainDeadline()),
          Optional.empty());

  @AfterEach
  void stop() {
    goOn.countDown();
    plane.close();
  }

  /** Answers once the test lets it. */
  private Tap slow() throws IOException {
    return Tap.open((tap, in, out) -> {
      while (!tap.head(in).isEmpty()) {
        try {
          assertThat(goOn.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        out.write(Tap.OK.getBytes(StandardCharsets.US_ASCII));
        out.flush();
      }
    });
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

  private static Socket asking(InetSocketAddress at) throws IOException {
    Socket socket = new Socket(at.getAddress(), at.getPort());
    socket.setSoTimeout(10_000);
    socket.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String all(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
  }

  private void drainListeners() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      InetSocketAddress admin = plane.adminAddress().orElseThrow();
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(
                      URI.create(
                          "http://127.0.0.1:" + admin.getPort() + "/drain_listeners?graceful"))
                  .POST(HttpRequest.BodyPublishers.noBody())
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
    }
  }

  @Test
  void http_1_connections_end_with_their_answer() throws Exception {
    try (Tap up = slow()) {
      InetSocketAddress at = proxying(up.address());
      try (Socket busy = asking(at);
          Socket idle = new Socket(at.getAddress(), at.getPort())) {
        await().until(() -> up.heads().size() == 1);
        drainListeners();
        assertThat(idle.getInputStream().read()).isEqualTo(-1);
        assertThatThrownBy(() -> new Socket(at.getAddress(), at.getPort()).close())
            .isInstanceOf(ConnectException.class);
        goOn.countDown();
        assertThat(all(busy.getInputStream()))
            .startsWith("HTTP/1.1 200 OK")
            .contains("connection: close")
            .endsWith("ok");
      }
    }
  }

  @Test
  void http_2_connections_say_goaway_and_end_their_streams() throws Exception {
    try (Tap up = slow();
        Http2Peer client = Http2Peer.connect(proxying(up.address()))) {
      client.headers(3, true, ":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/");
      await().until(() -> up.heads().size() == 1);
      drainListeners();
      assertThat(client.next()).startsWith("GOAWAY").endsWith(" 0");
      goOn.countDown();
      String event = client.next();
      while (event.startsWith("GOAWAY")) {
        event = client.next();
      }
      assertThat(event).startsWith("HEADERS 3 :status=200");
      assertThat(client.next()).isEqualTo("DATA 3 ok END");
    }
  }

  @Test
  void an_endpoint_that_leaves_ends_what_it_began() throws Exception {
    try (Tap leaving = slow();
        Tap staying = Tap.answering(Tap.OK.replace("ok", "go"))) {
      InetSocketAddress at = proxying(leaving.address());
      try (Socket busy = asking(at)) {
        await().until(() -> leaving.heads().size() == 1);
        assertThat(proxying(staying.address())).isEqualTo(at);
        try (Socket next = asking(at)) {
          assertThat(new String(next.getInputStream().readNBytes(15), StandardCharsets.US_ASCII))
              .isEqualTo("HTTP/1.1 200 OK");
        }
        assertThat(staying.heads()).hasSize(1);
        goOn.countDown();
        assertThat(new String(busy.getInputStream().readNBytes(15), StandardCharsets.US_ASCII))
            .isEqualTo("HTTP/1.1 200 OK");
        assertThat(leaving.heads()).hasSize(1);
      }
    }
  }
}
