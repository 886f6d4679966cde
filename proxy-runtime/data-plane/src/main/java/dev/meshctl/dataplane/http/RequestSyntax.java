package dev.meshctl.dataplane.http;

import dev.meshctl.dataplane.http.RequestHead.Body;
import dev.meshctl.dataplane.http.RequestHead.Version;
import dev.meshctl.model.match.Bytes;
import java.util.Arrays;

/**
 * The rules for a request's start line and framing (RFC 9112 sections 3 and 6), strict wherever two
 * parsers could disagree.
 *
 * <p>Thread: any; stateless.
 */
final class RequestSyntax {
  private RequestSyntax() {}

  /** Reads {@code METHOD target HTTP/1.x}. */
  static void startLine(RequestHead head, int start, int end) {
    byte[] b = head.bytes;
    int space = start;
    while (space < end && Syntax.token(b[space])) {
      space++;
    }
    if (space == start || space == end || b[space] != ' ') {
      throw Malformed.START_LINE.exception();
    }
    head.method(start, space - start);
    int target = space + 1;
    int targetEnd = target;
    while (targetEnd < end && Syntax.target(b[targetEnd])) {
      targetEnd++;
    }
    if (targetEnd == target || targetEnd == end || b[targetEnd] != ' ') {
      throw Malformed.TARGET.exception();
    }
    version(head, targetEnd + 1, end);
    target(head, target, targetEnd - target);
  }

  private static void version(RequestHead head, int start, int end) {
    byte[] b = head.bytes;
    if (end - start != 8
        || b[start] != 'H'
        || b[start + 1] != 'T'
        || b[start + 2] != 'T'
        || b[start + 3] != 'P'
        || b[start + 4] != '/'
        || b[start + 6] != '.') {
      throw Malformed.START_LINE.exception();
    }
    int major = b[start + 5];
    int minor = b[start + 7];
    if (major != '1' || (minor != '0' && minor != '1')) {
      throw Malformed.VERSION.exception();
    }
    head.version = minor == '1' ? Version.HTTP11 : Version.HTTP10;
    head.keepAlive = minor == '1';
  }

  private static void target(RequestHead head, int offset, int length) {
    byte[] b = head.bytes;
    if (head.isConnect()) {
      if (!Syntax.authority(b, offset, length) || !hasPort(b, offset, length)) {
        throw Malformed.TARGET.exception();
      }
      head.authority(offset, length);
      head.path(offset, 0);
    } else if (b[offset] == '/') {
      head.path(offset, length);
    } else if (length == 1 && b[offset] == '*' && head.methodIs("OPTIONS")) {
      head.path(offset, 1);
    } else {
      absolute(head, offset, length);
    }
  }

  private static boolean hasPort(byte[] b, int offset, int length) {
    int i = offset + length - 1;
    while (i > offset && b[i] >= '0' && b[i] <= '9') {
      i--;
    }
    return i > offset && i < offset + length - 1 && b[i] == ':';
  }

  /** {@code http://authority/path}: its authority stands above {@code Host} (RFC 9112 3.2.2). */
  private static void absolute(RequestHead head, int offset, int length) {
    byte[] b = head.bytes;
    int schemeLength;
    if (length > 8 && Syntax.equalsIgnoreCase(b, offset, 8, "https://")) {
      schemeLength = 8;
    } else if (length > 7 && Syntax.equalsIgnoreCase(b, offset, 7, "http://")) {
      schemeLength = 7;
    } else {
      throw Malformed.TARGET.exception();
    }
    int start = offset + schemeLength;
    int end = offset + length;
    int slash = start;
    while (slash < end && b[slash] != '/' && b[slash] != '?') {
      slash++;
    }
    if (slash == start || !Syntax.authority(b, start, slash - start)) {
      throw Malformed.TARGET.exception();
    }
    head.authority(start, slash - start);
    if (slash == end) {
      head.path(0, 0);
    } else if (b[slash] == '/') {
      head.path(slash, end - slash);
    } else {
      throw Malformed.TARGET.exception();
    }
  }

  /** Checks what only the whole head shows, and settles host, framing, persistence, upgrade. */
  static void complete(RequestHead head) {
    int transferEncoding = -1;
    int contentLength = -1;
    int host = -1;
    boolean hasUpgrade = false;
    for (int i = 0; i < head.size(); i++) {
      switch (head.id(i)) {
        case HeaderId.TRANSFER_ENCODING -> transferEncoding = single(transferEncoding, i);
        case HeaderId.CONTENT_LENGTH -> contentLength = single(contentLength, i);
        case HeaderId.HOST -> {
          if (host >= 0) {
            throw Malformed.HOST.exception();
          }
          host = i;
        }
        case HeaderId.CONNECTION -> {
          if (head.connectionHolds("close")) {
            head.keepAlive = false;
          } else if (head.version == Version.HTTP10 && head.connectionHolds("keep-alive")) {
            head.keepAlive = true;
          }
        }
        case HeaderId.UPGRADE -> hasUpgrade = true;
        case HeaderId.EXPECT -> expect(head, i);
        default -> {}
      }
    }
    host(head, host);
    framing(head, transferEncoding, contentLength);
    head.upgrade =
        hasUpgrade
            && head.version == Version.HTTP11
            && head.body == Body.NONE
            && head.connectionHolds("upgrade")
            && !isCleartextHttp2(head);
  }

  private static int single(int seen, int field) {
    if (seen >= 0) {
      throw Malformed.FRAMING.exception();
    }
    return field;
  }

  private static boolean isCleartextHttp2(RequestHead head) {
    int field = head.findId(HeaderId.UPGRADE, 0);
    return Syntax.listHolds(head.bytes, head.valueOffset(field), head.valueLength(field), "h2c");
  }

  private static void expect(RequestHead head, int field) {
    if (head.version != Version.HTTP10
        && Syntax.equalsIgnoreCase(
            head.bytes, head.valueOffset(field), head.valueLength(field), "100-continue")) {
      head.expectsContinue = true;
    }
  }

  private static void host(RequestHead head, int host) {
    if (host < 0) {
      if (head.version == Version.HTTP11) {
        throw Malformed.HOST.exception();
      }
    } else if (!Syntax.authority(head.bytes, head.valueOffset(host), head.valueLength(host))) {
      throw Malformed.HOST.exception();
    }
    if (head.authority().length() > 0) {
      // To the letter, so that what leaves is what routes and rules have seen.
      if (host < 0 || !sameBytes(head, host, head.authority())) {
        head.replaceAuthority(head.authority().toString());
      }
      if (head.path().length() == 0 && !head.isConnect()) {
        head.replacePath(head.methodIs("OPTIONS") ? "*" : "/");
      }
    } else if (host >= 0) {
      head.authority(head.valueOffset(host), head.valueLength(host));
    }
  }

  private static boolean sameBytes(RequestHead head, int field, Bytes authority) {
    int start = head.valueOffset(field);
    int other = authority.offset();
    return Arrays.equals(
        head.bytes,
        start,
        start + head.valueLength(field),
        authority.array(),
        other,
        other + authority.length());
  }

  private static void framing(RequestHead head, int transferEncoding, int contentLength) {
    if (transferEncoding >= 0) {
      if (contentLength >= 0 || head.version == Version.HTTP10) {
        throw Malformed.FRAMING.exception();
      }
      requireChunked(head, transferEncoding);
      head.body = Body.STREAMED;
    } else if (contentLength >= 0) {
      head.contentLength =
          Syntax.decimal(
              head.bytes, head.valueOffset(contentLength), head.valueLength(contentLength));
      if (head.contentLength < 0) {
        throw Malformed.FRAMING.exception();
      }
      head.body = head.contentLength == 0 ? Body.NONE : Body.SIZED;
    } else {
      head.body = Body.NONE;
    }
    if (head.isConnect()) {
      if (head.body != Body.NONE) {
        throw Malformed.FRAMING.exception();
      }
      head.removeId(HeaderId.CONTENT_LENGTH);
      head.body = Body.STREAMED;
    }
  }

  static void requireChunked(HeaderBlock head, int field) {
    if (!Syntax.equalsIgnoreCase(
        head.bytes, head.valueOffset(field), head.valueLength(field), "chunked")) {
      throw Malformed.TRANSFER_CODING.exception();
    }
  }
}
