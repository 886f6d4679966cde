package dev.meshctl.dataplane.http;

import dev.meshctl.dataplane.http.ResponseHead.Framing;

/**
 * The rules for a response's start line and framing (RFC 9112 sections 4 and 6).
 *
 * <p>Thread: any; stateless.
 */
final class ResponseSyntax {
  private ResponseSyntax() {}

  /** Reads {@code HTTP/1.x NNN reason}. */
  static void startLine(ResponseHead head, int start, int end) {
    byte[] b = head.bytes;
    boolean version =
        end - start >= 12
            && b[start] == 'H'
            && b[start + 1] == 'T'
            && b[start + 2] == 'T'
            && b[start + 3] == 'P'
            && b[start + 4] == '/'
            && b[start + 5] == '1'
            && b[start + 6] == '.'
            && (b[start + 7] == '0' || b[start + 7] == '1')
            && b[start + 8] == ' ';
    if (!version || (end - start > 12 && b[start + 12] != ' ')) {
      throw Malformed.START_LINE.exception();
    }
    long status = Syntax.decimal(b, start + 9, 3);
    if (status < 100 || status > 999) {
      throw Malformed.START_LINE.exception();
    }
    head.status((int) status);
    head.http10 = b[start + 7] == '0';
    if (end - start > 13) {
      if (!Syntax.values(b, start + 13, end - start - 13)) {
        throw Malformed.START_LINE.exception();
      }
      head.reason(start + 13, end - start - 13);
    }
  }

  /** The connection may carry another request after this response (RFC 9112 9.3). */
  static boolean keepsAlive(ResponseHead head) {
    return head.http10 ? head.connectionHolds("keep-alive") : !head.connectionHolds("close");
  }

  /** How the message ends (RFC 9112 6.3). */
  static Framing framing(ResponseHead head, boolean toHead, boolean toConnect) {
    int transferEncoding = -1;
    int contentLength = -1;
    for (int i = 0; i < head.size(); i++) {
      int id = head.id(i);
      if (id == HeaderId.TRANSFER_ENCODING) {
        if (transferEncoding >= 0) {
          throw Malformed.FRAMING.exception();
        }
        transferEncoding = i;
      } else if (id == HeaderId.CONTENT_LENGTH) {
        if (contentLength >= 0) {
          throw Malformed.FRAMING.exception();
        }
        contentLength = i;
      }
    }
    if (transferEncoding >= 0) {
      if (contentLength >= 0) {
        throw Malformed.FRAMING.exception();
      }
      RequestSyntax.requireChunked(head, transferEncoding);
    }
    if (contentLength >= 0) {
      head.contentLength =
          Syntax.decimal(
              head.bytes, head.valueOffset(contentLength), head.valueLength(contentLength));
      if (head.contentLength < 0) {
        throw Malformed.FRAMING.exception();
      }
    }
    int status = head.status();
    if (status == 101 || (toConnect && status / 100 == 2)) {
      return Framing.TUNNEL;
    }
    if (toHead || status < 200 || status == 204 || status == 304) {
      return Framing.NONE;
    }
    if (transferEncoding >= 0) {
      return Framing.CHUNKED;
    }
    if (contentLength >= 0) {
      return head.contentLength == 0 ? Framing.NONE : Framing.SIZED;
    }
    return Framing.UNTIL_CLOSE;
  }
}
