package dev.meshctl.dataplane.hardening;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** HTTP/2 clients that break the rules or flood, frame by frame over a real socket. */
class Http2StreamsTest {
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int CONTINUATION = 9;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int PROTOCOL_ERROR = 1;
  private static final int STREAM_CLOSED = 5;
  private static final int ENHANCE_YOUR_CALM = 11;

  /** {@code GET / http a} in HPACK: three indexed fields and a literal authority. */
  private static final byte[] GET = {(byte) 0x82, (byte) 0x84, (byte) 0x86, 0x01, 0x01, 'a'};

  /** A client of single frames. */
  private static final class Frames {
    private final DataInputStream in;
    private final DataOutputStream out;

    Frames(Socket socket) throws IOException {
      in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
      out = new DataOutputStream(new java.io.BufferedOutputStream(socket.getOutputStream()));
      out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      frame(SETTINGS, 0, 0);
    }

    void frame(int type, int flags, int stream, byte... payload) throws IOException {
      out.writeByte(0);
      out.writeShort(payload.length);
      out.writeByte(type);
      out.writeByte(flags);
      out.writeInt(stream);
      out.write(payload);
    }

    void get(int stream) throws IOException {
      frame(HEADERS, END_STREAM | END_HEADERS, stream, GET);
    }

    /** Reads frames up to the first of {@code type}; its payload, or null at the end. */
    byte[] next(int type) throws IOException {
      while (true) {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int is = in.readUnsignedByte();
        in.skipNBytes(5);
        byte[] payload = in.readNBytes(length);
        if (is == type) {
          return payload;
        }
      }
    }

    int goAway() throws IOException {
      out.flush();
      return next(GOAWAY)[7];
    }

    /** Writes until the proxy goes, at most {@code times}; the error of its GOAWAY, 0 for none. */
    int flood(int times, Consumer<Integer> each) throws IOException {
      try {
        for (int i = 0; i < times; i++) {
          each.accept(i);
        }
        out.flush();
      } catch (java.io.UncheckedIOException | SocketException gone) {
        // Closed while we wrote: its reason may still lie in the socket.
      }
      try {
        return next(GOAWAY)[7];
      } catch (EOFException | SocketException closed) {
        return 0;
      }
    }

    void unchecked(int type, int flags, int stream, byte... payload) {
      try {
        frame(type, flags, stream, payload);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

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
      frames.out.flush();
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
      frames.out.flush();

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
