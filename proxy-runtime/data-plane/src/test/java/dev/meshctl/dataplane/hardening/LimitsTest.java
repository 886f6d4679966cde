package dev.meshctl.dataplane.hardening;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What costs memory or time is bounded, and nobody else pays for it. */
class LimitsTest {
  private static final String GET = "GET /a HTTP/1.1\r\nHost: a\r\n";

  private static final String CLOSE = "Connection: close\r\n";

  /** Sockets on both sides and the proxy's own buffers may hold this much, and no more. */
  private static final long MOST_BUFFERED = 24L << 20;

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 60000, 200",
    "1, 70000, 431",
    "98, 300, 200",
    "99, 300, 431",
    "200, 10, 431",
    "60, 2000, 431"
  })
  void a_head_is_taken_up_to_its_limits(int fields, int length, int status) throws IOException {
    StringBuilder head = new StringBuilder(GET).append(CLOSE);
    for (int i = 0; i < fields; i++) {
      head.append("X-").append(i).append(": ").append("y".repeat(length)).append("\r\n");
    }
    try (Tap tap = Tap.answering(Tap.OK);
        ProxyInFront proxy = new ProxyInFront(tap)) {
      assertThat(proxy.exchange(head + "\r\n")).startsWith("HTTP/1.1 " + status + " ");
      assertThat(tap.heads()).hasSize(status == 200 ? 1 : 0);
    }
  }

  @Test
  void a_giant_head_of_an_answer_is_a_502() throws IOException {
    String giant =
        "HTTP/1.1 200 OK\r\nX: " + "y".repeat(100_000) + "\r\nContent-Length: 2\r\n\r\nok";
    try (Tap tap = Tap.answering(giant);
        ProxyInFront proxy = new ProxyInFront(tap)) {
      assertThat(proxy.exchange(GET + CLOSE + "\r\n")).matches("(?s)HTTP/1\\.1 50[23] .*");
    }
  }

  @Test
  void interim_answers_without_end_stop_when_the_client_goes() throws Exception {
    CountDownLatch letGo = new CountDownLatch(1);
    byte[] interim = "HTTP/1.1 102 Processing\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    try (Tap tap =
            Tap.open((self, in, out) -> {
              self.head(in);
              try {
                while (true) {
                  out.write(interim);
                }
              } finally {
                letGo.countDown();
              }
            });
        ProxyInFront proxy = new ProxyInFront(tap)) {
      try (Socket client = proxy.connect()) {
        write(client, GET + "\r\n");
        assertThat(ProxyInFront.readUntil(client.getInputStream(), "\r\n")).startsWith("HTTP/1.1 ");
      }

      assertThat(letGo.await(10, TimeUnit.SECONDS)).as("the upstream is let go").isTrue();
    }
  }

  @Test
  void a_head_that_trickles_in_is_given_up() throws IOException {
    try (Tap tap = Tap.answering(Tap.OK);
        ProxyInFront proxy = new ProxyInFront(tap, Duration.ofMillis(300), Duration.ZERO);
        Socket slow = proxy.connect()) {
      write(slow, GET);

      String answer = ProxyInFront.readUntil(slow.getInputStream(), "\r\n");

      assertThat(answer).startsWith("HTTP/1.1 408 ");
      assertThat(tap.heads()).isEmpty();
    }
  }

  @Test
  void a_body_that_trickles_in_is_given_up() throws IOException {
    try (Tap tap =
            Tap.open((self, in, out) -> {
              self.head(in);
              while (self.read(in) >= 0) {}
            });
        ProxyInFront proxy = new ProxyInFront(tap, Duration.ofMillis(300), Duration.ZERO);
        Socket slow = proxy.connect()) {
      write(slow, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx");

      assertThat(ProxyInFront.readUntil(slow.getInputStream(), "\r\n")).startsWith("HTTP/1.1 408 ");
    }
  }

  @Test
  void a_connection_that_asks_nothing_is_closed() throws IOException {
    try (Tap tap = Tap.answering(Tap.OK);
        ProxyInFront proxy = new ProxyInFront(tap, Duration.ZERO, Duration.ofMillis(300));
        Socket idle = proxy.connect()) {
      write(idle, GET + "\r\n");
      ProxyInFront.readUntil(idle.getInputStream(), "ok");

      assertThat(idle.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void a_client_that_does_not_read_stops_the_upstream_and_nobody_else() throws Exception {
    AtomicLong written = new AtomicLong();
    byte[] block = new byte[64 * 1024];
    long size = 256L << 20;
    try (Tap tap =
            Tap.open((self, in, out) -> {
              if (self.head(in).startsWith("GET /small")) {
                out.write(Tap.OK.getBytes(StandardCharsets.US_ASCII));
                return;
              }
              out.write(
                  ("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n")
                      .getBytes(StandardCharsets.US_ASCII));
              for (long left = size; left > 0; left -= block.length) {
                out.write(block);
                written.addAndGet(block.length);
              }
            });
        ProxyInFront proxy = new ProxyInFront(tap);
        Socket slow = proxy.connect()) {
      write(slow, GET + "\r\n");

      awaitStandstill(written);

      assertThat(written.get()).isLessThan(MOST_BUFFERED);
      assertThat(proxy.exchange("GET /small HTTP/1.1\r\nHost: a\r\n" + CLOSE + "\r\n"))
          .endsWith("ok");
      drain(slow.getInputStream(), size);
      Awaitility.await().until(() -> written.get() == size);
    }
  }

  private static void drain(InputStream in, long size) throws IOException {
    assertThat(ProxyInFront.readUntil(in, "\r\n\r\n")).startsWith("HTTP/1.1 200 ");
    byte[] buffer = new byte[64 * 1024];
    long left = size;
    while (left > 0) {
      int read = in.read(buffer);
      assertThat(read).as("bytes before the end, %d left", left).isPositive();
      left -= read;
    }
  }

  @Test
  void an_upstream_that_does_not_read_stops_the_client_and_nobody_else() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    AtomicLong written = new AtomicLong();
    try (Tap tap =
            Tap.open((self, in, out) -> {
              if (self.head(in).startsWith("POST")) {
                await(read);
                in.skipNBytes(written.get());
              }
              out.write(Tap.OK.getBytes(StandardCharsets.US_ASCII));
            });
        ProxyInFront proxy = new ProxyInFront(tap);
        Socket client = proxy.connect()) {
      long size = 256L << 20;
      write(client, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: " + size + "\r\n\r\n");
      OutputStream out = client.getOutputStream();
      Thread writer = Thread.ofVirtual().start(() -> fill(out, size, written));

      awaitStandstill(written);

      assertThat(written.get()).isLessThan(MOST_BUFFERED);
      assertThat(proxy.exchange("GET /small HTTP/1.1\r\nHost: a\r\n" + CLOSE + "\r\n"))
          .endsWith("ok");
      client.close();
      writer.join();
      read.countDown();
    }
  }

  private static void fill(OutputStream out, long size, AtomicLong written) {
    byte[] block = new byte[64 * 1024];
    try {
      for (long left = size; left > 0; left -= block.length) {
        out.write(block);
        written.addAndGet(block.length);
      }
    } catch (IOException closed) {
      // The test has seen enough.
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Something has moved, and then nothing has for a while. */
  private static void awaitStandstill(AtomicLong moved) {
    AtomicLong before = new AtomicLong(-1);
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(500))
        .until(() -> moved.get() > 0 && before.getAndSet(moved.get()) == moved.get());
  }

  @Test
  void many_half_open_heads_leave_room_for_an_honest_client() throws IOException {
    try (Tap tap = Tap.answering(Tap.OK);
        ProxyInFront proxy = new ProxyInFront(tap)) {
      Socket[] half = new Socket[200];
      for (int i = 0; i < half.length; i++) {
        half[i] = proxy.connect();
        write(half[i], "GET /slow HTTP/1.1\r\nHost: a\r\nX-");
      }

      assertThat(proxy.exchange(GET + CLOSE + "\r\n")).startsWith("HTTP/1.1 200 ");

      for (Socket socket : half) {
        socket.close();
      }
      assertThat(tap.heads()).hasSize(1);
    }
  }

  @Test
  void a_client_that_reads_nothing_cannot_pipeline_without_end() throws Exception {
    AtomicLong sent = new AtomicLong();
    String request = GET + "X: " + "y".repeat(1000) + "\r\n\r\n";
    String answer = "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n" + "z".repeat(10_000);
    try (Tap tap = Tap.answering(answer);
        ProxyInFront proxy = new ProxyInFront(tap);
        Socket client = proxy.connect()) {
      byte[] block = request.repeat(50).getBytes(StandardCharsets.US_ASCII);
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  for (int i = 0; i < 2000; i++) {
                    client.getOutputStream().write(block);
                    sent.addAndGet(block.length);
                  }
                } catch (IOException closed) {
                  // The test has seen enough.
                }
              });

      awaitStandstill(sent);

      assertThat(sent.get()).isLessThan(MOST_BUFFERED);
      client.close();
      writer.join();
    }
  }

  @Test
  void nothing_is_sent_to_a_client_that_has_asked_nothing() throws IOException {
    try (Tap tap = Tap.answering(Tap.OK);
        ProxyInFront proxy = new ProxyInFront(tap);
        Socket silent = proxy.connect()) {
      silent.setSoTimeout(300);

      assertThat(
              org.assertj.core.api.Assertions.catchThrowable(() -> silent.getInputStream().read()))
          .isInstanceOf(SocketTimeoutException.class);
    }
  }
}
