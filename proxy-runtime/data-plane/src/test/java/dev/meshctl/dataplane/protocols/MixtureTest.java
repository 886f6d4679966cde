package dev.meshctl.dataplane.protocols;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.assignment;
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
import dev.meshctl.dataplane.testing.Http2Peer;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.SocketEndpoint;
import io.netty.handler.codec.http2.Http2Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bodies, trailers and interim answers in every mixture of HTTP/1.1 and HTTP/2. */
class MixtureTest {
  private static final String ANSWER =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-done\r\n\r\n"
          + "3\r\nxyz\r\n0\r\nx-done: 2\r\n\r\n";
  private static final String REQUEST =
      "POST /t HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n"
          + "3\r\nabc\r\n0\r\nx-sum: 1\r\n\r\n";

  private final DataPlane plane = DataPlane.start(settings("client", 1), Optional.empty());

  @AfterEach
  void stop() {
    plane.close();
  }

  private InetSocketAddress proxying(InetSocketAddress upstream, UpstreamProtocol protocol) {
    SocketEndpoint to =
        new SocketEndpoint(upstream.getAddress().getHostAddress(), upstream.getPort());
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
                    routes("out", route(RouteAction.Forward.to("up"))),
                    cluster(
                        "up", new Transport.Plaintext(), protocol, assignment("up", false, to)))))
        .isEmpty();
    return Objects.requireNonNull(plane.listenAddresses().get("out"));
  }

  private InetSocketAddress proxying(Tap upstream) {
    return proxying(
        new InetSocketAddress(upstream.address().address(), upstream.address().port()),
        UpstreamProtocol.HTTP1);
  }

  private static Tap upstreamWithTrailers() throws IOException {
    return Tap.open((tap, in, out) -> {
      tap.head(in);
      until(in, tap, "x-sum: 1\r\n\r\n");
      out.write(ANSWER.getBytes(StandardCharsets.US_ASCII));
      out.flush();
      until(in, tap, "never");
    });
  }

  private static void until(InputStream in, Tap tap, String end) throws IOException {
    while (!tap.received().endsWith(end)) {
      if (tap.read(in) < 0) {
        return;
      }
    }
  }

  private static Socket client(InetSocketAddress at, String text) throws IOException {
    Socket socket = new Socket(at.getAddress(), at.getPort());
    socket.setSoTimeout(10_000);
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    return socket;
  }

  private static String until(InputStream in, String end) throws IOException {
    StringBuilder text = new StringBuilder();
    while (!text.toString().endsWith(end)) {
      int next = in.read();
      if (next < 0) {
        return text + "<closed>";
      }
      text.append((char) next);
    }
    return text.toString();
  }

  private static void ask(Http2Peer client) throws InterruptedException {
    client.headers(
        3,
        false,
        ":method",
        "POST",
        ":scheme",
        "http",
        ":authority",
        "a",
        ":path",
        "/t",
        "te",
        "trailers");
    client.data(3, "abc", false);
    client.headers(3, true, "x-sum", "1");
  }

  private static void seesTheAnswer(Http2Peer client) throws InterruptedException {
    assertThat(client.next()).startsWith("HEADERS 3 :status=200").doesNotEndWith("END");
    assertThat(client.next()).isEqualTo("DATA 3 xyz");
    assertThat(client.next()).isEqualTo("HEADERS 3 x-done=2 END");
  }

  private static void seesTheRequestAndAnswers(Http2Peer server) throws InterruptedException {
    String head = server.next();
    assertThat(head).startsWith("HEADERS 3 :authority=a :method=POST :path=/t");
    assertThat(head).doesNotEndWith("END");
    assertThat(server.next()).isEqualTo("DATA 3 abc");
    assertThat(server.next()).isEqualTo("HEADERS 3 x-sum=1 END");
    server.headers(3, false, ":status", "200");
    server.data(3, "xyz", false);
    server.headers(3, true, "x-done", "2");
  }

  @Test
  void trailers_pass_from_http_1_to_http_1() throws Exception {
    try (Tap up = upstreamWithTrailers();
        Socket client = client(proxying(up), REQUEST)) {
      assertThat(until(client.getInputStream(), "x-done: 2\r\n\r\n"))
          .startsWith("HTTP/1.1 200 OK\r\n")
          .endsWith("3\r\nxyz\r\n0\r\nx-done: 2\r\n\r\n");
      assertThat(up.received()).endsWith("3\r\nabc\r\n0\r\nx-sum: 1\r\n\r\n");
    }
  }

  @Test
  void trailers_pass_from_http_1_to_http_2() throws Exception {
    try (Http2Peer up = Http2Peer.listen(new Http2Settings());
        Socket client = client(proxying(up.address(), UpstreamProtocol.HTTP2), REQUEST)) {
      seesTheRequestAndAnswers(up);
      assertThat(until(client.getInputStream(), "x-done: 2\r\n\r\n"))
          .startsWith("HTTP/1.1 200 OK\r\n")
          .endsWith("3\r\nxyz\r\n0\r\nx-done: 2\r\n\r\n");
    }
  }

  @Test
  void trailers_pass_from_http_2_to_http_1() throws Exception {
    try (Tap up = upstreamWithTrailers();
        Http2Peer client = Http2Peer.connect(proxying(up))) {
      ask(client);
      seesTheAnswer(client);
      assertThat(up.received()).endsWith("3\r\nabc\r\n0\r\nx-sum: 1\r\n\r\n");
    }
  }

  @Test
  void trailers_pass_from_http_2_to_http_2() throws Exception {
    try (Http2Peer up = Http2Peer.listen(new Http2Settings());
        Http2Peer client = Http2Peer.connect(proxying(up.address(), UpstreamProtocol.HTTP2))) {
      ask(client);
      seesTheRequestAndAnswers(up);
      seesTheAnswer(client);
    }
  }

  @Test
  void a_client_that_expects_100_is_told_to_go_on() throws Exception {
    try (Tap up =
            Tap.open((tap, in, out) -> {
              tap.head(in);
              until(in, tap, "abc");
              out.write(Tap.OK.getBytes(StandardCharsets.US_ASCII));
            });
        Socket client =
            client(
                proxying(up),
                "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                    + "Expect: 100-continue\r\n\r\n")) {
      assertThat(until(client.getInputStream(), "\r\n\r\n"))
          .isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
      client.getOutputStream().write("abc".getBytes(StandardCharsets.US_ASCII));
      assertThat(until(client.getInputStream(), "\r\n\r\nok")).startsWith("HTTP/1.1 200 OK");
      assertThat(up.received()).doesNotContainIgnoringCase("expect:");
    }
  }

  @Test
  void interim_answers_pass_to_either_protocol() throws Exception {
    String hinted = "HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n" + Tap.OK;
    try (Tap up = Tap.answering(hinted)) {
      InetSocketAddress at = proxying(up);
      try (Socket client = client(at, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")) {
        assertThat(until(client.getInputStream(), "\r\n\r\nok"))
            .startsWith("HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\n");
      }
      try (Http2Peer client = Http2Peer.connect(at)) {
        client.headers(
            3, true, ":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/");
        assertThat(client.next()).isEqualTo("HEADERS 3 :status=103 link=</a.css>");
        assertThat(client.next()).startsWith("HEADERS 3 :status=200");
      }
    }
  }
}
