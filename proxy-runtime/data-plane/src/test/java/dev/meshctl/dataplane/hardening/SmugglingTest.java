package dev.meshctl.dataplane.hardening;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests that two parsers could take for different ones: none reaches the upstream, and the
 * connection does not go on.
 */
class SmugglingTest {
  /** What an attacker wants the upstream to take for a request of its own. */
  private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

  private static final String GET = "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

  private static final Pattern FIELD =
      Pattern.compile("[a-z0-9!#$%&'*+.^_`|~-]+: ?[^\\x00\\r\\n]*");

  private final Tap tap = open();
  private final ProxyInFront proxy = new ProxyInFront(tap);

  private static Tap open() {
    try {
      return Tap.open((tap, in, out) -> {
        for (String head = tap.head(in); !head.isEmpty(); head = tap.head(in)) {
          skipBody(tap, in, head.toLowerCase(Locale.ROOT));
          out.write(Tap.OK.getBytes(StandardCharsets.US_ASCII));
          out.flush();
        }
      });
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void skipBody(Tap tap, java.io.InputStream in, String head) throws IOException {
    if (head.contains("\r\ntransfer-encoding: chunked\r\n")) {
      StringBuilder body = new StringBuilder();
      while (!body.toString().endsWith("0\r\n\r\n")) {
        body.append((char) tap.read(in));
      }
    } else if (head.contains("\r\ncontent-length: ")) {
      String length = head.replaceFirst("(?s).*\r\ncontent-length: ([0-9]+)\r\n.*", "$1");
      for (int left = Integer.parseInt(length); left > 0; left--) {
        tap.read(in);
      }
    }
  }

  @AfterEach
  void close() throws IOException {
    proxy.close();
    tap.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Two lengths.
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "Content-Length: 5, 6\r\n\r\nhello",
        "Content-Length: 5\r\ncontent-length: 0\r\n\r\nhello",
        // A length that is none.
        "Content-Length: +5\r\n\r\nhello",
        "Content-Length: -5\r\n\r\nhello",
        "Content-Length: 0x5\r\n\r\nhello",
        "Content-Length: 5 5\r\n\r\nhello",
        "Content-Length: 5.0\r\n\r\nhello",
        "Content-Length: \r\n\r\nhello",
        "Content-Length: 5;\r\n\r\nhello",
        "Content-Length: 18446744073709551621\r\n\r\nhello",
        // A transfer coding in disguise.
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello",
        "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding:\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: \u000bchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\u0000\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        // A field in disguise.
        "Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\nhello",
        "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n",
        " Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "X: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        "X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "X: y\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "\u0000Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding\u00a0: chunked\r\n\r\n0\r\n\r\n",
        "Content-Length: 5\n\r\nhello",
        "Content-Length: 5\r\n\nhello",
        ": x\r\nContent-Length: 5\r\n\r\nhello",
        "Content-Length 5\r\n\r\nhello",
        // Hosts.
        "Host: b\r\n\r\n",
        "Host : b\r\n\r\n",
        // Chunks.
        "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n-1\r\n",
        "Transfer-Encoding: chunked\r\n\r\n 5\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5;a=\nb\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5;a\rb\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0\r\nX : y\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\n\r\n"
      })
  void a_request_that_can_be_read_in_two_ways_ends_the_connection(String rest) throws IOException {
    String answers = proxy.exchange("POST /a HTTP/1.1\r\nHost: a\r\n" + rest + SMUGGLED);

    assertThat(answers).matches("(?s)HTTP/1\\.1 (400|501) .*");
    assertThat(answers.split("HTTP/1\\.1 [0-9]", -1)).as("answers").hasSize(2);
    assertNothingSmuggled();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET  /a HTTP/1.1",
        "GET\t/a HTTP/1.1",
        "GET /a\tHTTP/1.1",
        "GET /a HTTP/1.1 ",
        " GET /a HTTP/1.1",
        "GET /a b HTTP/1.1",
        "GET /a",
        "GET /a HTTP/0.9",
        "GET /a HTTP/1.2",
        "GET /a HTTP/1.10",
        "GET /a HTTP/2.0",
        "GET /a http/1.1",
        "GET /a\u0000 HTTP/1.1",
        "GET /a\u0085 HTTP/1.1",
        "GET http:///a HTTP/1.1",
        "GET http://user@a/ HTTP/1.1",
        "GET ftp://a/ HTTP/1.1",
        "GET a HTTP/1.1",
        "GET * HTTP/1.1",
        "G@T /a HTTP/1.1",
        "CONNECT a HTTP/1.1",
        "CONNECT /a HTTP/1.1"
      })
  void a_start_line_that_is_none_ends_the_connection(String line) throws IOException {
    String answers = proxy.exchange(line + "\r\nHost: a\r\n\r\n" + SMUGGLED);

    assertThat(answers).matches("(?s)HTTP/1\\.1 (400|505) .*");
    assertNothingSmuggled();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Host: a b\r\n",
        "Host: a/b\r\n",
        "Host: a@b\r\n",
        "Host: a,b\r\nHost: a,b\r\n",
        "Host: a\u0000\r\n"
      })
  void a_host_that_is_none_ends_the_connection(String host) throws IOException {
    assertThat(proxy.exchange("GET /a HTTP/1.1\r\n" + host + "\r\n" + SMUGGLED))
        .startsWith("HTTP/1.1 400 ");
    assertNothingSmuggled();
  }

  private void assertNothingSmuggled() {
    assertThat(tap.received()).doesNotContain("smuggled");
    assertThat(proxy.plane().ready()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length",
        "Transfer-Encoding",
        "Host",
        "upgrade, Content-Length",
        "x-forwarded-for, transfer-encoding"
      })
  void a_client_cannot_have_framing_removed_as_hop_by_hop(String connection) throws IOException {
    String body = SMUGGLED;
    String answers =
        proxy.exchange(
            "POST /a HTTP/1.1\r\nHost: a\r\nConnection: close, %s\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(connection, body.length(), body));

    assertThat(answers).startsWith("HTTP/1.1 ");
    for (String head : tap.heads()) {
      assertWellFramed(head);
      assertThat(head).startsWith("POST /a HTTP/1.1\r\n");
    }
  }

  @Test
  void pipelined_requests_leave_one_by_one_each_well_framed() throws IOException {
    String answers =
        proxy.exchange(
            "POST /1 HTTP/1.1\r\nHOST: a\r\nContent-LENGTH: 5\r\n\r\nhello"
                + "POST /2 HTTP/1.1\r\nhost:a\r\nTransfer-encoding:  Chunked \r\n\r\n"
                + "5;ext=\"1\"\r\nhello\r\n00\r\nTrailer: x\r\n\r\n"
                + "\r\nGET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Empty:\r\n\r\n");

    assertThat(answers.split("HTTP/1\\.1 200", -1)).hasSize(4);
    assertThat(tap.heads())
        .extracting(head -> head.substring(0, head.indexOf(" HTTP")))
        .containsExactly("POST /1", "POST /2", "GET /3");
    tap.heads().forEach(SmugglingTest::assertWellFramed);
  }

  /** Read by rules of our own, stricter than any server's. */
  private static void assertWellFramed(String head) {
    List<String> lines = head.toLowerCase(Locale.ROOT).lines().toList();
    assertThat(head).doesNotContainPattern("[^\\r]\\n");
    assertThat(lines.subList(1, lines.size() - 1)).allMatch(line -> FIELD.matcher(line).matches());
    assertThat(lines).filteredOn(line -> line.startsWith("host:")).hasSize(1);
    assertThat(lines)
        .filteredOn(l -> l.startsWith("content-length:") || l.startsWith("transfer-encoding:"))
        .hasSizeLessThanOrEqualTo(1);
    if (head.startsWith("POST")) {
      assertThat(lines)
          .filteredOn(l -> l.startsWith("content-length:") || l.startsWith("transfer-encoding:"))
          .hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 40\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
        "HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/2 200\r\nContent-Length: 2\r\n\r\nok",
        "ICY 200 OK\r\nContent-Length: 2\r\n\r\nok"
      })
  void an_answer_that_can_be_read_in_two_ways_becomes_a_502(String response) throws IOException {
    try (Tap bad = Tap.answering(response);
        ProxyInFront front = new ProxyInFront(bad)) {
      String answers = front.exchange(GET);

      assertThat(answers).matches("(?s)HTTP/1\\.1 50[23] .*");
      assertThat(front.plane().drainTelemetry().getFirst().responses().getFirst().flags())
          .isEqualTo("UPE");
    }
  }

  @Test
  void bytes_after_an_answer_never_reach_the_next_client() throws IOException {
    String poison = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
    try (Tap bad = Tap.answering(Tap.OK + poison);
        ProxyInFront front = new ProxyInFront(bad)) {
      for (int client = 0; client < 20; client++) {
        assertThat(front.exchange(GET)).startsWith("HTTP/1.1 200 OK\r\n").doesNotContain("poison");
      }
      assertThat(bad.connections()).isEqualTo(20);
    }
  }

  @Test
  void a_body_on_an_answer_to_head_is_not_taken_for_the_next_answer() throws IOException {
    try (Tap bad =
            Tap.answering(
                "HTTP/1.1 200 OK\r\nContent-Length: 39\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        ProxyInFront front = new ProxyInFront(bad);
        Socket client = front.connect()) {
      client
          .getOutputStream()
          .write("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      String head = ProxyInFront.readUntil(client.getInputStream(), "\r\n\r\n");
      assertThat(head.toLowerCase(Locale.ROOT)).contains("content-length: 39");
      Awaitility.await().until(() -> bad.heads().size() == 1);

      client
          .getOutputStream()
          .write("GET /b HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      String next = ProxyInFront.readUntil(client.getInputStream(), "\r\n\r\n");

      assertThat(next.toLowerCase(Locale.ROOT)).contains("content-length: 39");
    }
  }
}
