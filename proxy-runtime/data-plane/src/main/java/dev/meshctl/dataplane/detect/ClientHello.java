package dev.meshctl.dataplane.detect;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads SNI (RFC 6066) and ALPN (RFC 7301) from a TLS ClientHello (RFC 8446 4.1.2), which may span
 * records.
 *
 * <p>Thread: any; stateless.
 */
final class ClientHello {
  private static final int RECORD_HEADER_BYTES = 5;
  private static final int CLIENT_HELLO = 1;
  private static final int SERVER_NAME = 0;
  private static final int ALPN = 16;

  private ClientHello() {}

  /** Null where more bytes are needed; {@link Detected#NOTHING} where this is no ClientHello. */
  static @Nullable Detected read(ByteBuf in) {
    ByteBuf message = Unpooled.buffer(Math.min(in.readableBytes(), FirstBytes.MAX_BYTES));
    try {
      return read(in, message);
    } catch (IndexOutOfBoundsException e) {
      return Detected.NOTHING;
    }
  }

  private static @Nullable Detected read(ByteBuf in, ByteBuf message) {
    int at = in.readerIndex();
    int end = in.writerIndex();
    while (at < end) {
      if (in.getByte(at) != 22 || (end - at > 1 && in.getByte(at + 1) != 3)) {
        return Detected.NOTHING;
      }
      if (end - at < RECORD_HEADER_BYTES) {
        break;
      }
      int length = in.getUnsignedShort(at + 3);
      int there = Math.min(length, end - at - RECORD_HEADER_BYTES);
      message.writeBytes(in, at + RECORD_HEADER_BYTES, there);
      at += RECORD_HEADER_BYTES + there;
      if (message.isReadable() && message.getByte(0) != CLIENT_HELLO) {
        return Detected.NOTHING;
      }
      if (message.readableBytes() >= 4) {
        int wanted = message.getUnsignedMedium(1);
        if (wanted > FirstBytes.MAX_BYTES) {
          return Detected.NOTHING;
        }
        if (message.readableBytes() - 4 >= wanted) {
          return body(message.slice(4, wanted));
        }
      }
    }
    return in.readableBytes() >= FirstBytes.MAX_BYTES ? Detected.NOTHING : null;
  }

  private static Detected body(ByteBuf hello) {
    hello.skipBytes(2 + 32);
    hello.skipBytes(hello.readUnsignedByte());
    hello.skipBytes(hello.readUnsignedShort());
    hello.skipBytes(hello.readUnsignedByte());
    String serverName = "";
    List<String> protocols = List.of();
    if (hello.isReadable()) {
      ByteBuf extensions = hello.readSlice(hello.readUnsignedShort());
      while (extensions.isReadable()) {
        int type = extensions.readUnsignedShort();
        ByteBuf extension = extensions.readSlice(extensions.readUnsignedShort());
        if (type == SERVER_NAME) {
          serverName = serverName(extension);
        } else if (type == ALPN) {
          protocols = protocols(extension);
        }
      }
    }
    return new Detected(true, serverName, protocols);
  }

  private static String serverName(ByteBuf extension) {
    ByteBuf list = extension.readSlice(extension.readUnsignedShort());
    while (list.isReadable()) {
      int type = list.readUnsignedByte();
      ByteBuf name = list.readSlice(list.readUnsignedShort());
      if (type == 0) {
        return name.toString(StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
      }
    }
    return "";
  }

  private static List<String> protocols(ByteBuf extension) {
    ByteBuf list = extension.readSlice(extension.readUnsignedShort());
    List<String> protocols = new ArrayList<>();
    while (list.isReadable()) {
      protocols.add(list.readSlice(list.readUnsignedByte()).toString(StandardCharsets.US_ASCII));
    }
    return protocols;
  }
}
