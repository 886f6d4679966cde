package dev.meshctl.dataplane.hardening;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.meshctl.dataplane.upstream.WaterMarks;
import dev.meshctl.model.xds.ConnectionLife;
import dev.meshctl.model.xds.HttpLimits;
import dev.meshctl.model.xds.HttpLimits.Http2;
import dev.meshctl.model.xds.HttpOptions;
import dev.meshctl.model.xds.UpstreamOptions;
import dev.meshctl.net.loop.Transport;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits that the configuration sets, over real sockets. */
class ConfiguredLimitsTest {
  private static final String GET = "GET /a HTTP/1.1\r\nHost: a\r\n";
  private static final HttpLimits SMALL = new HttpLimits(1, 5, 2, new Http2(3, 65_535, 131_070, 0));

  private static HttpOptions with(HttpLimits limits) {
    return HttpOptions.DEFAULT.withLimits(limits);
  }

  private static UpstreamOptions upstream(HttpLimits limits) {
    return new UpstreamOptions(limits, UpstreamOptions.DEFAULT_IDLE_TIMEOUT, 0);
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @ParameterizedTest
  @CsvSource({"3, 10, 200", "4, 10, 431", "1, 900, 200", "1, 1100, 431"})
  void a_head_is_taken_up_to_what_the_listener_allows(int fields, int length, int status)
      throws IOException {
    StringBuilder head = new StringBuilder(GET).append("Connection: close\r\n");
    for (int i = 0; i < fields; i++) {
      head.append("X-").append(i).append(": ").append("y".repeat(length)).append("\r\n");
    }
    try (Tap tap = Tap.answering(Tap.OK);
        ProxyInFront proxy = new ProxyInFront(tap, with(SMALL))) {
      assertThat(proxy.exchange(head + "\r\n")).startsWith("HTTP/1.1 " + status + " ");
    }
  }

  @Test
  void a_head_must_be_there_in_its_time_though_a_request_has_none() throws IOException {
    try (Tap tap = Tap.answering(Tap.OK);
        ProxyInFront proxy =
            new ProxyInFront(tap, HttpOptions.DEFAULT.withHeadersTimeout(Duration.ofMillis(300)));
        Socket slow = proxy.connect()) {
      write(slow, GET);

      assertThat(ProxyInFront.readUntil(slow.getInputStream(), "\r\n")).startsWith("HTTP/1.1 408 ");
    }
  }

  @Test
  void a_connection_ends_with_its_last_request() throws IOException {
    try (Tap tap = Tap.answering(Tap.OK);
        ProxyInFront proxy = new ProxyInFront(tap, with(SMALL));
        Socket client = proxy.connect()) {
      write(client, (GET + "\r\n").repeat(3));

      String answers =
          new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);

      assertThat(answers.split("HTTP/1.1 200 OK", -1)).hasSize(3);
      assertThat(answers.toLowerCase(java.util.Locale.ROOT)).containsOnlyOnce("connection: close");
    }
  }

  @Test
  void an_http2_client_is_told_its_limits_and_sent_away_after_its_last_request()
      throws IOException {
    try (Tap tap = Tap.answering(Tap.OK);
        ProxyInFront proxy = new ProxyInFront(tap, with(SMALL));
        Socket socket = proxy.connect()) {
      Frames frames = new Frames(socket);
      frames.get(1);
      frames.get(3);
      frames.flush();

      assertThat(settings(frames.next(Frames.SETTINGS)))
          .containsEntry(1, 0)
          .containsEntry(3, 3)
          .containsEntry(4, 65_535)
          .containsEntry(6, 1024);
      byte[] goAway = frames.next(Frames.GOAWAY);
      assertThat(ByteBuffer.wrap(goAway).getInt()).as("last stream").isEqualTo(3);
      assertThat(ByteBuffer.wrap(goAway).getInt(4)).as("error").isZero();
    }
  }

  private static Map<Integer, Integer> settings(byte[] payload) {
    Map<Integer, Integer> settings = new HashMap<>();
    ByteBuffer in = ByteBuffer.wrap(payload);
    while (in.hasRemaining()) {
      settings.put((int) in.getShort(), in.getInt());
    }
    return settings;
  }

  @Test
  void an_upstream_connection_is_worn_after_its_requests() throws IOException {
    try (Tap tap = Tap.answering(Tap.OK);
        ProxyInFront proxy = new ProxyInFront(tap, upstream(SMALL));
        Socket client = proxy.connect()) {
      for (int i = 0; i < 6; i++) {
        write(client, GET + "\r\n");
        assertThat(ProxyInFront.readUntil(client.getInputStream(), "ok")).endsWith("ok");
      }

      assertThat(tap.connections()).isEqualTo(3);
    }
  }

  @Test
  void an_upstream_connection_takes_nothing_new_after_its_longest_time() throws IOException {
    UpstreamOptions brief =
        UpstreamOptions.DEFAULT.living(
            new ConnectionLife(Duration.ofMillis(300), Optional.empty()));
    try (Tap tap = Tap.answering(Tap.OK);
        ProxyInFront proxy = new ProxyInFront(tap, brief);
        Socket client = proxy.connect()) {
      long begin = System.nanoTime();
      int answers = 0;
      while (tap.connections() < 3) {
        write(client, GET + "\r\n");
        assertThat(ProxyInFront.readUntil(client.getInputStream(), "ok")).endsWith("ok");
        answers++;
      }
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(600));
      assertThat(answers).isGreaterThan(3);
    }
  }

  @Test
  void the_kernel_asks_silent_upstreams_as_the_cluster_says() throws IOException {
    // Epoll's sockets are of IPv6, with addresses of IPv4 mapped.
    List<Path> sockets = List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));
    assumeTrue(sockets.stream().allMatch(Files::isReadable) && Transport.best() == Transport.EPOLL);
    UpstreamOptions asking =
        UpstreamOptions.DEFAULT.living(
            new ConnectionLife(
                Duration.ZERO, Optional.of(new ConnectionLife.Keepalive(3, 100, 7))));
    try (Tap tap = Tap.answering(Tap.OK);
        ProxyInFront proxy = new ProxyInFront(tap, asking);
        Socket client = proxy.connect()) {
      write(client, GET + "\r\n");
      ProxyInFront.readUntil(client.getInputStream(), "ok");

      String upstream = "0100007F:%04X".formatted(tap.address().port());
      List<String[]> ours = new ArrayList<>();
      for (Path family : sockets) {
        Files.readAllLines(family).stream()
            .map(line -> line.strip().split("\\s+"))
            .filter(fields -> fields[2].endsWith(upstream) && fields[3].equals("01"))
            .forEach(ours::add);
      }
      assertThat(ours).hasSize(1);
      // "02": the timer that runs is that of keepalive; hundredths of a second are left.
      String[] timer = ours.getFirst()[5].split(":");
      assertThat(timer[0]).isEqualTo("02");
      assertThat(Long.parseLong(timer[1], 16)).isBetween(1L, 10_000L);
    }
  }

  @ParameterizedTest
  @CsvSource({"3, 10, 200", "6, 10, 502", "1, 900, 200", "1, 1100, 502"})
  void an_answers_head_is_taken_up_to_what_the_cluster_allows(int fields, int length, int status)
      throws IOException {
    StringBuilder answer = new StringBuilder("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n");
    for (int i = 0; i < fields; i++) {
      answer.append("X-").append(i).append(": ").append("y".repeat(length)).append("\r\n");
    }
    try (Tap tap = Tap.answering(answer + "\r\nok");
        ProxyInFront proxy = new ProxyInFront(tap, upstream(SMALL))) {
      assertThat(proxy.exchange(GET + "Connection: close\r\n\r\n"))
          .startsWith("HTTP/1.1 " + status + " ");
    }
  }

  @Test
  void an_idle_upstream_connection_is_closed_when_the_cluster_says() throws IOException {
    UpstreamOptions impatient = new UpstreamOptions(HttpLimits.DEFAULT, Duration.ofMillis(200), 0);
    java.util.concurrent.atomic.AtomicBoolean closed =
        new java.util.concurrent.atomic.AtomicBoolean();
    try (Tap tap =
            Tap.open((self, in, out) -> {
              self.head(in);
              out.write(Tap.OK.getBytes(StandardCharsets.US_ASCII));
              closed.set(self.read(in) < 0);
            });
        ProxyInFront proxy = new ProxyInFront(tap, impatient);
        Socket client = proxy.connect()) {
      write(client, GET + "\r\n");
      ProxyInFront.readUntil(client.getInputStream(), "ok");

      Awaitility.await().untilTrue(closed);
    }
  }

  @Test
  void what_waits_for_a_peer_is_bounded_as_the_configuration_says() {
    EmbeddedChannel channel = new EmbeddedChannel();
    WaterMarks.bound(channel, 0);
    int before = channel.config().getWriteBufferHighWaterMark();

    WaterMarks.bound(channel, 1000);

    assertThat(before).isNotEqualTo(1000);
    assertThat(channel.config().getWriteBufferHighWaterMark()).isEqualTo(1000);
    assertThat(channel.config().getWriteBufferLowWaterMark()).isEqualTo(250);
  }
}
