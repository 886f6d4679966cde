package dev.meshctl.dataplane.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.xds.HttpLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Http1ServerTest {
  private static final long STREAM_IDLE_NANOS = TimeUnit.MINUTES.toNanos(5);

  private final List<Seen> exchanges = new ArrayList<>();
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final LoopResources resources = new LoopResources(channel.eventLoop(), channel.alloc());
  private boolean answerAtOnce = true;

  /** One request as its handler saw it. */
  private final class Seen implements RequestHandler {
    private final Downstream downstream;
    private final String line;
    private final String fields;
    private final StringBuilder body = new StringBuilder();
    private String trailers = "";
    private boolean ended;
    private boolean gone;

    Seen(Downstream downstream, RequestHead head, boolean end) {
      this.downstream = downstream;
      this.line = head.method() + " " + head.authority() + " " + head.path();
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < head.size(); i++) {
        if (!head.removed(i)) {
          text.append(head.name(i)).append('=').append(head.value(i)).append(';');
        }
      }
      this.fields = text.toString();
      this.ended = end;
      resources.release(head);
    }

    void answer(int status, String text) {
      ResponseHead response = resources.responseHead();
      response.status(status);
      response.add("content-length", Integer.toString(text.length()));
      downstream.respond(response, text.isEmpty());
      resources.release(response);
      if (!text.isEmpty()) {
        downstream.data(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII), true);
      }
    }

    @Override
    public void data(ByteBuf data, boolean end) {
      body.append(data.toString(StandardCharsets.ISO_8859_1));
      data.release();
      ended |= end;
      if (end && answerAtOnce) {
        answer(200, "ok");
      }
    }

    @Override
    public void trailers(HeaderBlock block) {
      trailers = block.name(0) + "=" + block.value(0);
      ended = true;
      if (answerAtOnce) {
        answer(200, "ok");
      }
    }

    @Override
    public void downstreamGone() {
      gone = true;
    }

    @Override
    public void requestTimedOut() {}

    @Override
    public void streamIdle() {}

    @Override
    public void downstreamWritable() {}
  }

  private final Http1Server server =
      new Http1Server(
          resources,
          (downstream, head, end) -> {
            Seen seen = new Seen(downstream, head, end);
            exchanges.add(seen);
            if (end && answerAtOnce) {
              seen.answer(200, "ok");
            }
            return seen;
          },
          new DownstreamConnection(
              new InetSocketAddress("127.0.0.1", 1),
              new InetSocketAddress("127.0.0.1", 2),
              false,
              Optional.empty(),
              ""),
          new HttpServerSettings(0, STREAM_IDLE_NANOS, 0, 0, HttpLimits.DEFAULT));

  Http1ServerTest() {
    channel.pipeline().addLast(server);
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private String send(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    channel.runPendingTasks();
    return received();
  }

  private String received() {
    StringBuilder all = new StringBuilder();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      all.append(out.toString(StandardCharsets.ISO_8859_1));
      out.release();
    }
    return all.toString();
  }

  @Test
  void a_request_is_answered_in_one_buffer() {
    assertThat(send("GET /a?b HTTP/1.1\r\nHost: h\r\nX-One:  1 \r\n\r\n"))
        .isEqualTo("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    assertThat(exchanges.getFirst().line).isEqualTo("GET h /a?b");
    assertThat(exchanges.getFirst().fields).isEqualTo("Host=h;X-One=1;");
  }

  @Test
  void a_request_may_come_byte_by_byte() {
    String request =
        "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5;ext=1\r\nhello\r\n3\r\nyou\r\n0\r\nX-Sum: 8\r\n\r\n";
    StringBuilder answer = new StringBuilder();
    for (char c : request.toCharArray()) {
      answer.append(send(String.valueOf(c)));
    }
    assertThat(answer.toString()).startsWith("HTTP/1.1 200 OK");
    assertThat(exchanges.getFirst().body.toString()).isEqualTo("helloyou");
    assertThat(exchanges.getFirst().trailers).isEqualTo("X-Sum=8");
  }

  @Test
  void pipelined_requests_are_answered_one_after_another() {
    String two = "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n";
    answerAtOnce = false;
    assertThat(send(two)).isEmpty();
    assertThat(exchanges).hasSize(1);
    exchanges.getFirst().answer(200, "one");
    channel.runPendingTasks();
    assertThat(exchanges).hasSize(2);
    exchanges.get(1).answer(200, "two");
    channel.runPendingTasks();
    assertThat(received()).containsSubsequence("one", "two");
  }

  @Test
  void an_absolute_target_stands_above_the_host_field() {
    send("GET http://real:80/p HTTP/1.1\r\nHost: other\r\n\r\n");
    assertThat(exchanges.getFirst().line).isEqualTo("GET real:80 /p");
    assertThat(exchanges.getFirst().fields).isEqualTo("host=real:80;");
  }

  @Test
  void connection_close_closes_after_the_answer() {
    assertThat(send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"))
        .contains("connection: close");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void http_1_0_closes_unless_asked_to_keep_alive() {
    assertThat(send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"))
        .contains("connection: keep-alive");
    assertThat(channel.isOpen()).isTrue();
    send("GET / HTTP/1.0\r\n\r\n");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void an_expectation_is_answered_before_the_body_comes() {
    assertThat(
            send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"))
        .isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
    assertThat(send("hi")).startsWith("HTTP/1.1 200 OK");
    assertThat(exchanges.getFirst().fields).doesNotContain("Expect");
  }

  @Test
  void a_client_that_leaves_ends_its_exchange() {
    answerAtOnce = false;
    send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    channel.close();
    assertThat(exchanges.getFirst().gone).isTrue();
  }

  @Test
  void an_answer_before_a_short_body_keeps_the_connection() {
    answerAtOnce = false;
    send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab");
    exchanges.getFirst().answer(503, "no");
    channel.runPendingTasks();
    assertThat(received()).startsWith("HTTP/1.1 503");
    answerAtOnce = true;
    assertThat(send("cdGET /next HTTP/1.1\r\nHost: h\r\n\r\n")).startsWith("HTTP/1.1 200 OK");
    assertThat(exchanges.get(1).line).isEqualTo("GET h /next");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: 1\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r2\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n: 1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nnocolon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \u0000\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET relative HTTP/1.1\r\nHost: a\r\n\r\n",
        "G(T / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / http/1.1\r\nHost: a\r\n\r\n",
        "CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\nx",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx",
        "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      })
  void what_two_parsers_could_read_in_two_ways_is_refused(String request) {
    assertThat(send(request)).startsWith("HTTP/1.1 400 Bad Request\r\n");
    assertThat(exchanges).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x\r\n",
        "-1\r\n",
        "\r\n",
        "1\nA",
        "1\r\nAB",
        "1\r\nA\n",
        "1 \n",
        "1;a\rb",
        "fffffffffffffffff\r\n"
      })
  void a_broken_chunk_ends_the_exchange(String chunk) {
    answerAtOnce = false;
    String answer =
        send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk);
    assertThat(answer).startsWith("HTTP/1.1 400");
    assertThat(exchanges.getFirst().gone).isTrue();
  }

  @Test
  void a_transfer_coding_that_we_do_not_speak_is_refused() {
    assertThat(send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"))
        .startsWith("HTTP/1.1 501");
  }

  @Test
  void a_head_that_is_too_large_is_refused() {
    assertThat(send("GET / HTTP/1.1\r\nHost: a\r\nX: " + "y".repeat(70_000)))
        .startsWith("HTTP/1.1 431");
  }

  @Test
  void a_target_that_is_too_long_is_refused() {
    assertThat(send("GET /" + "y".repeat(70_000))).startsWith("HTTP/1.1 414");
  }

  @Test
  void another_major_version_is_refused() {
    assertThat(send("GET / HTTP/2.0\r\nHost: a\r\n\r\n")).startsWith("HTTP/1.1 505");
  }

  /** Takes nothing from now on. */
  private void clientTakesNothing() {
    channel
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void flush(ChannelHandlerContext context) {}
            });
  }

  @ParameterizedTest
  @CsvSource({"close, 5", "keep-alive, 300"})
  void a_client_that_takes_nothing_of_its_answer_is_let_go(String connection, int seconds) {
    long now = System.nanoTime();
    clientTakesNothing();
    send("GET / HTTP/1.1\r\nHost: h\r\nConnection: " + connection + "\r\n\r\n");

    server.sweep(now);
    server.sweep(now + TimeUnit.SECONDS.toNanos(seconds) - 1);
    assertThat(channel.isOpen()).isTrue();
    server.sweep(now + TimeUnit.SECONDS.toNanos(seconds));
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void a_client_that_takes_its_answer_slowly_is_waited_for() {
    long now = System.nanoTime();
    clientTakesNothing();
    send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");

    server.sweep(now);
    send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    server.sweep(now + STREAM_IDLE_NANOS);

    assertThat(channel.isOpen()).isTrue();
  }
}
