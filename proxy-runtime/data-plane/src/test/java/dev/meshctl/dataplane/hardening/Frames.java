package dev.meshctl.dataplane.hardening;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** A client of single frames. */
final class Frames {
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int CONTINUATION = 9;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;
  static final int PROTOCOL_ERROR = 1;
  static final int STREAM_CLOSED = 5;
  static final int ENHANCE_YOUR_CALM = 11;

  /** {@code GET / http a} in HPACK: three indexed fields and a literal authority. */
  static final byte[] GET = {(byte) 0x82, (byte) 0x84, (byte) 0x86, 0x01, 0x01, 'a'};

  private final DataInputStream in;
  private final DataOutputStream out;

  Frames(Socket socket) throws IOException {
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
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

  void flush() throws IOException {
    out.flush();
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
    } catch (UncheckedIOException | SocketException gone) {
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
      throw new UncheckedIOException(e);
    }
  }
}
