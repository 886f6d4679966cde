package dev.meshctl.dataplane.http;

import io.netty.handler.codec.http.HttpResponseStatus;

/** Reason phrases of HTTP/1 status lines, made once. */
final class ReasonPhrase {
  private static final byte[][] PHRASES = new byte[600][];

  static {
    for (int status = 100; status < 600; status++) {
      PHRASES[status] = Http1Text.bytes(HttpResponseStatus.valueOf(status).reasonPhrase());
    }
  }

  private ReasonPhrase() {}

  static byte[] of(int status) {
    return status >= 100 && status < 600 ? PHRASES[status] : new byte[0];
  }
}
