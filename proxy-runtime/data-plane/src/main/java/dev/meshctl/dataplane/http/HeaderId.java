package dev.meshctl.dataplane.http;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Numbers of the header names that the proxy itself acts on, so that the hot path compares ints.
 *
 * <p>Thread: any; immutable.
 */
final class HeaderId {
  static final int OTHER = 0;
  static final int HOST = 1;
  static final int CONNECTION = 2;
  static final int CONTENT_LENGTH = 3;
  static final int TRANSFER_ENCODING = 4;
  static final int TE = 5;
  static final int UPGRADE = 6;
  static final int EXPECT = 7;
  static final int KEEP_ALIVE = 8;
  static final int PROXY_CONNECTION = 9;
  static final int X_REQUEST_ID = 10;
  static final int X_FORWARDED_FOR = 11;
  static final int X_FORWARDED_PROTO = 12;
  static final int X_FORWARDED_CLIENT_CERT = 13;
  static final int CONTENT_TYPE = 14;
  static final int GRPC_STATUS = 15;
  static final int HTTP2_SETTINGS = 16;
  static final int PROXY_AUTHENTICATE = 17;
  static final int PROXY_AUTHORIZATION = 18;
  static final int TRAILER = 19;

  private static final String[] NAMES = {
    "",
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "te",
    "upgrade",
    "expect",
    "keep-alive",
    "proxy-connection",
    "x-request-id",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-client-cert",
    "content-type",
    "grpc-status",
    "http2-settings",
    "proxy-authenticate",
    "proxy-authorization",
    "trailer",
  };

  private static final int SLOTS = 512;
  private static final byte[][] NAME_BYTES = new byte[NAMES.length][];
  private static final byte[] SLOT = new byte[SLOTS];

  static {
    for (int id = 1; id < NAMES.length; id++) {
      byte[] name = NAMES[id].getBytes(StandardCharsets.ISO_8859_1);
      NAME_BYTES[id] = name;
      int slot = slot(name, 0, name.length);
      if (SLOT[slot] != 0) {
        throw new IllegalStateException(NAMES[id] + " and " + NAMES[SLOT[slot]] + " share a slot");
      }
      SLOT[slot] = (byte) id;
    }
  }

  private HeaderId() {}

  /** The number of a name in any case, {@link #OTHER} where it has none. */
  static int of(byte[] bytes, int offset, int length) {
    if (length < 2) {
      return OTHER;
    }
    int id = SLOT[slot(bytes, offset, length)];
    if (id == OTHER) {
      return OTHER;
    }
    byte[] name = NAME_BYTES[id];
    return name.length == length && Syntax.equalsIgnoreCase(name, 0, bytes, offset, length)
        ? id
        : OTHER;
  }

  static int of(String name) {
    byte[] bytes = name.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.ISO_8859_1);
    return of(bytes, 0, bytes.length);
  }

  private static int slot(byte[] b, int offset, int length) {
    int first = b[offset] | 0x20;
    int last = b[offset + length - 1] | 0x20;
    int middle = b[offset + (length >> 1)] | 0x20;
    return (length * 31 + first * 7 + last * 13 + middle * 53) & (SLOTS - 1);
  }
}
