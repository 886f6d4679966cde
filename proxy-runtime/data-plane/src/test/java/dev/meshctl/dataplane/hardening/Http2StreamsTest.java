package dev.meshctl.dataplane.hardening;

import static dev.meshctl.dataplane.hardening.Frames.CONTINUATION;
import static dev.meshctl.dataplane.hardening.Frames.END_HEADERS;
import static dev.meshctl.dataplane.hardening.Frames.END_STREAM;
import static dev.meshctl.dataplane.hardening.Frames.ENHANCE_YOUR_CALM;
import static dev.meshctl.dataplane.hardening.Frames.GET;
import static dev.meshctl.dataplane.hardening.Frames.HEADERS;
import static dev.meshctl.dataplane.hardening.Frames.PING;
import static dev.meshctl.dataplane.hardening.Frames.PROTOCOL_ERROR;
import static dev.meshctl.dataplane.hardening.Frames.RST_STREAM;
import static dev.meshctl.dataplane.hardening.Frames.SETTINGS;
import static dev.meshctl.dataplane.hardening.Frames.STREAM_CLOSED;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** HTTP/2 clients that break the rules or flood, frame by frame over a real socket. */
class Http2StreamsTest {

  private interface Conversation {
    void with(Frames frames, Tap tap) throws IOException;
  }

  /** Talks, and afterwards the proxy still serves others. */
  private static void talk(Conversation conversation) throws IOException {
    try (Tap tap = Tap.answering(Tap.OK);
        ProxyInFront proxy = new ProxyInFront(tap)) {
      try (Socket socket = proxy.connect()) {
        conversation.with(new Frames(socket), tap);
      }
      assertThat(proxy.exchange("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
          .startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void a_frame_for_a_stream_that_the_client_ended_ends_the_connection() throws IOException {
    talk((frames, tap) -> {
      frames.get(1);
      frames.flush();
      frames.next(0);
      frames.get(1);

      assertThat(frames.goAway()).isEqualTo(STREAM_CLOSED);
    });
  }

  @Test
  void a_stream_that_was_passed_over_cannot_be_opened() throws IOException {
    talk((frames, tap) -> {
      frames.get(5);
      frames.get(3);

      assertThat(frames.goAway()).isEqualTo(PROTOCOL_ERROR);
    });
  }

  @Test
  void a_late_frame_for_a_reset_stream_leaves_the_others_alone() throws IOException {
    talk((frames, tap) -> {
      frames.frame(HEADERS, END_HEADERS, 1, GET);
      frames.frame(RST_STREAM, 0, 1, (byte) 0, (byte) 0, (byte) 0, (byte) 8);
      frames.frame(0, END_STREAM, 1, (byte) 'x');
      frames.get(3);
      frames.flush();

      assertThat(frames.next(RST_STREAM)[3]).isEqualTo((byte) STREAM_CLOSED);
      assertThat(new String(frames.next(0), StandardCharsets.US_ASCII)).isEqualTo("ok");
    });
  }

  @Test
  void rapid_resets_end_the_connection() throws IOException {
    talk((frames, tap) ->
        assertThat(
                frames.flood(
                    5000,
                    i -> {
                      frames.unchecked(HEADERS, END_STREAM | END_HEADERS, 2 * i + 1, GET);
                      frames.unchecked(
                          RST_STREAM, 0, 2 * i + 1, (byte) 0, (byte) 0, (byte) 0, (byte) 8);
                    }))
            .isIn(ENHANCE_YOUR_CALM, 0));
  }

  @Test
  void continuations_without_end_end_the_connection() throws IOException {
    talk((frames, tap) -> {
      frames.frame(HEADERS, 0, 1, GET);
      assertThat(frames.flood(20_000, i -> frames.unchecked(CONTINUATION, 0, 1)))
          .isIn(ENHANCE_YOUR_CALM, 0);
      assertThat(tap.heads()).isEmpty();
    });
  }

  @Test
  void a_header_block_without_end_ends_the_connection() throws IOException {
    byte[] field = new byte[2 + 3 + 1000];
    field[0] = 0x00;
    field[1] = 0x01;
    field[2] = 'x';
    // 1000 in HPACK: seven bits of one, then the rest.
    field[3] = 0x7f;
    field[4] = (byte) (((1000 - 127) & 127) | 128);
    field[5] = (byte) ((1000 - 127) >> 7);
    byte[] whole = java.util.Arrays.copyOf(field, 6 + 1000);
    java.util.Arrays.fill(whole, 6, whole.length, (byte) 'y');
    talk((frames, tap) -> {
      frames.frame(HEADERS, 0, 1, GET);
      assertThat(frames.flood(5000, i -> frames.unchecked(CONTINUATION, 0, 1, whole)))
          .isIn(ENHANCE_YOUR_CALM, PROTOCOL_ERROR, 0);
      assertThat(tap.heads()).isEmpty();
    });
  }

  @Test
  void pings_and_settings_of_a_client_that_does_not_read_end_the_connection() throws IOException {
    talk((frames, tap) ->
        assertThat(
                frames.flood(
                    2_000_000,
                    i -> {
                      frames.unchecked(PING, 0, 0, new byte[8]);
                      frames.unchecked(SETTINGS, 0, 0);
                    }))
            .isIn(ENHANCE_YOUR_CALM, 0));
  }
}
