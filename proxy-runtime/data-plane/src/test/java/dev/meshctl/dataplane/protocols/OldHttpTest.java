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

import dev.meshctl.dataplane.DataPlane;
import dev.meshctl.dataplane.hardening.Tap;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that speak HTTP/1.0. */
class OldHttpTest {
  private final DataPlane plane = DataPlane.start(settings("client", 1), Optional.empty());

  @AfterEach
  void stop() {
    plane.close();
  }

  private InetSocketAddress proxying(Tap upstream) {
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
                    routes("out", route(RouteAction.Forward.to("up"))),
                    cluster("up", upstream.address()))))
        .isEmpty();
    return Objects.requireNonNull(plane.listenAddresses().get("out"));
  }

  private static String say(InetSocketAddress at, String text) throws IOException {
    try (Socket socket = new Socket(at.getAddress(), at.getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void the_connection_ends_with_the_answer() throws Exception {
    try (Tap up = Tap.answering(Tap.OK)) {
      assertThat(say(proxying(up), "GET / HTTP/1.0\r\nHost: a\r\n\r\n"))
          .startsWith("HTTP/1.1 200 OK\r\n")
          .contains("connection: close\r\n")
          .endsWith("\r\n\r\nok");
      assertThat(up.heads().getFirst()).startsWith("GET / HTTP/1.1\r\n");
    }
  }

  @Test
  void the_connection_stays_where_the_client_asks_for_it() throws Exception {
    try (Tap up = Tap.answering(Tap.OK)) {
      String kept = "GET /1 HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n";
      assertThat(say(proxying(up), kept + "GET /2 HTTP/1.0\r\nHost: a\r\n\r\n"))
          .containsSubsequence(
              "200 OK", "connection: keep-alive\r\n", "ok", "200 OK", "connection: close\r\n");
      assertThat(up.heads()).hasSize(2);
    }
  }

  @Test
  void a_body_without_length_ends_with_the_connection_and_has_no_chunks() throws Exception {
    String chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    try (Tap up = Tap.answering(chunked + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")) {
      String answer =
          say(proxying(up), "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
      assertThat(answer).doesNotContainIgnoringCase("transfer-encoding");
      assertThat(answer).endsWith("\r\n\r\nabcde");
    }
  }
}
