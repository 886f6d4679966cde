package dev.meshctl.dataplane.http;

import java.nio.charset.StandardCharsets;

/** Constant text of HTTP/1. */
final class Http1Text {
  static final byte[] LINE_END = bytes("\r\n");
  static final byte[] VERSION_LINE_END = bytes(" HTTP/1.1\r\n");
  static final byte[] STATUS_START = bytes("HTTP/1.1 ");
  static final byte[] CHUNKED = bytes("transfer-encoding: chunked\r\n");
  static final byte[] CONNECTION_UPGRADE = bytes("connection: upgrade\r\n");
  static final byte[] CONNECTION_CLOSE = bytes("connection: close\r\n");
  static final byte[] KEEP_ALIVE = bytes("connection: keep-alive\r\n");
  static final byte[] LAST_CHUNK = bytes("0\r\n\r\n");
  static final byte[] LAST_CHUNK_START = bytes("0\r\n");
  static final byte[] CONTINUE = bytes("HTTP/1.1 100 Continue\r\n\r\n");

  private Http1Text() {}

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
