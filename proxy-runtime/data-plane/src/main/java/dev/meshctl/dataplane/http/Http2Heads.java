package dev.meshctl.dataplane.http;

import dev.meshctl.dataplane.http.RequestHead.Body;
import dev.meshctl.dataplane.http.RequestHead.Version;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Our heads from and to Netty's HTTP/2 headers (RFC 9113 section 8).
 *
 * <p>Thread: any; stateless.
 */
final class Http2Heads {
  private static final AsciiString[] STATUS = new AsciiString[600];
  private static final AsciiString HTTP = AsciiString.cached("http");
  private static final AsciiString HTTPS = AsciiString.cached("https");
  private static final AsciiString CONNECT = AsciiString.cached("CONNECT");
  private static final AsciiString UPGRADE = AsciiString.cached("upgrade");
  private static final AsciiString PROTOCOL = AsciiString.cached(":protocol");

  static {
    for (int status = 100; status < 600; status++) {
      STATUS[status] = AsciiString.cached(Integer.toString(status));
    }
  }

  private Http2Heads() {}

  /**
   * Fills a cleared {@code head}. An extended CONNECT (RFC 8441) becomes the upgrade that it stands
   * for, as HTTP/1.1 asks for it.
   *
   * @param mostFields that it may have
   * @param extended extended CONNECT is allowed
   * @throws Malformed.Exception where the request breaks RFC 9113 8.3.1
   */
  static void read(
      Http2Headers headers,
      RequestHead head,
      boolean secure,
      boolean end,
      int mostFields,
      boolean extended) {
    CharSequence method = headers.method();
    CharSequence path = headers.path();
    CharSequence authority = headers.authority();
    if (authority == null) {
      authority = headers.get("host");
    }
    boolean connect = method != null && AsciiString.contentEquals(method, "CONNECT");
    CharSequence protocol = headers.get(PROTOCOL);
    if (protocol != null && connect && extended && !end) {
      readUpgrade(headers, head, nonNull(authority), protocol, mostFields);
      head.secure = secure;
      return;
    }
    boolean valid =
        method != null
            && isToken(method)
            && (connect
                ? path == null && authority != null
                : path != null && isTarget(path) && headers.scheme() != null)
            && (authority == null || isAuthority(authority))
            && protocol == null;
    if (!valid) {
      throw Malformed.START_LINE.exception();
    }
    head.start(nonNull(method), path == null ? "" : path, authority == null ? "" : authority);
    head.version = Version.HTTP2;
    head.secure = secure;
    head.keepAlive = true;
    StringBuilder cookies = fields(headers, head, mostFields);
    if (cookies != null) {
      head.add("cookie", cookies);
    }
    int length = head.findId(HeaderId.CONTENT_LENGTH, 0);
    if (end) {
      head.body = Body.NONE;
    } else if (length >= 0) {
      head.contentLength =
          Syntax.decimal(head.bytes, head.valueOffset(length), head.valueLength(length));
      head.body = Body.SIZED;
      if (head.contentLength < 0 || head.findId(HeaderId.CONTENT_LENGTH, length + 1) >= 0) {
        throw Malformed.FRAMING.exception();
      }
      if (head.contentLength == 0) {
        head.body = Body.STREAMED;
        head.removeAt(length);
      }
    } else {
      head.body = Body.STREAMED;
    }
  }

  private static void readUpgrade(
      Http2Headers headers,
      RequestHead head,
      CharSequence authority,
      CharSequence protocol,
      int mostFields) {
    CharSequence path = nonNull(headers.path());
    if (headers.scheme() == null
        || !isTarget(path)
        || !isAuthority(authority)
        || !isToken(protocol)) {
      throw Malformed.START_LINE.exception();
    }
    head.start("GET", path, authority);
    head.version = Version.HTTP2;
    head.keepAlive = true;
    StringBuilder cookies = fields(headers, head, mostFields);
    if (cookies != null) {
      head.add("cookie", cookies);
    }
    head.removeId(HeaderId.UPGRADE);
    head.removeId(HeaderId.CONTENT_LENGTH);
    head.add("upgrade", protocol);
    head.upgrade = true;
    head.body = Body.NONE;
  }

  private static CharSequence nonNull(@Nullable CharSequence text) {
    if (text == null) {
      throw Malformed.START_LINE.exception();
    }
    return text;
  }

  /** Adds the fields that are no pseudo header; joins cookies that were split (8.2.3). */
  private static @Nullable StringBuilder fields(
      Http2Headers headers, HeaderBlock to, int mostFields) {
    StringBuilder cookies = null;
    for (Map.Entry<CharSequence, CharSequence> field : headers) {
      CharSequence name = field.getKey();
      CharSequence value = field.getValue();
      if (name.length() > 0 && name.charAt(0) == ':') {
        continue;
      }
      if (!isToken(name) || !isValue(value) || to.size() >= mostFields) {
        throw Malformed.FIELD.exception();
      }
      if (AsciiString.contentEquals("cookie", name)) {
        cookies = cookies == null ? new StringBuilder() : cookies.append("; ");
        cookies.append(value);
      } else if (!AsciiString.contentEquals("host", name)) {
        to.add(name, value);
      }
    }
    return cookies;
  }

  /** Fills a cleared {@code head}. */
  static void read(Http2Headers headers, ResponseHead head, int mostFields) {
    CharSequence status = headers.status();
    if (status == null || status.length() != 3) {
      throw Malformed.START_LINE.exception();
    }
    int code = 0;
    for (int i = 0; i < 3; i++) {
      int digit = status.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        throw Malformed.START_LINE.exception();
      }
      code = code * 10 + digit;
    }
    if (code < 100 || code >= 600) {
      throw Malformed.START_LINE.exception();
    }
    head.status(code);
    StringBuilder cookies = fields(headers, head, mostFields);
    if (cookies != null) {
      head.add("cookie", cookies);
    }
    int length = head.findId(HeaderId.CONTENT_LENGTH, 0);
    if (length >= 0) {
      head.contentLength =
          Syntax.decimal(head.bytes, head.valueOffset(length), head.valueLength(length));
    }
  }

  /** Fills cleared {@code trailers}. */
  static void readTrailers(Http2Headers headers, HeaderBlock trailers, int mostFields) {
    if (headers.method() != null || headers.status() != null || headers.path() != null) {
      throw Malformed.FIELD.exception();
    }
    fields(headers, trailers, mostFields);
  }

  static Http2Headers write(RequestHead head) {
    if (head.upgrade()) {
      return upgrade(head);
    }
    AsciiString[] fields = fields(head, true);
    AsciiString method = copy(head, head.method().offset(), head.method().length());
    AsciiString authority = copy(head, head.authority().offset(), head.authority().length());
    if (head.isConnect()) {
      Http2Headers connect = new DefaultHttp2Headers(false).method(method).authority(authority);
      for (int i = 0; i < fields.length; i += 2) {
        connect.add(fields[i], fields[i + 1]);
      }
      return connect;
    }
    return ReadOnlyHttp2Headers.clientHeaders(
        false,
        method,
        copy(head, head.path().offset(), head.path().length()),
        head.secure() ? HTTPS : HTTP,
        authority,
        fields);
  }

  /** An upgrade as extended CONNECT. */
  private static Http2Headers upgrade(RequestHead head) {
    Http2Headers connect =
        new DefaultHttp2Headers(false)
            .method(CONNECT)
            .scheme(head.secure() ? HTTPS : HTTP)
            .authority(copy(head, head.authority().offset(), head.authority().length()))
            .path(copy(head, head.path().offset(), head.path().length()));
    int protocol = head.findId(HeaderId.UPGRADE, 0);
    connect.set(PROTOCOL, copy(head, head.valueOffset(protocol), head.valueLength(protocol)));
    AsciiString[] fields = fields(head, true);
    for (int i = 0; i < fields.length; i += 2) {
      if (!UPGRADE.contentEquals(fields[i])) {
        connect.add(fields[i], fields[i + 1]);
      }
    }
    return connect;
  }

  static Http2Headers write(ResponseHead head) {
    return ReadOnlyHttp2Headers.serverHeaders(false, STATUS[head.status()], fields(head, false));
  }

  static Http2Headers writeTrailers(HeaderBlock trailers) {
    return ReadOnlyHttp2Headers.trailers(false, fields(trailers, false));
  }

  private static AsciiString[] fields(HeaderBlock from, boolean withoutHost) {
    int kept = 0;
    for (int i = 0; i < from.size(); i++) {
      if (kept(from, i, withoutHost)) {
        kept++;
      }
    }
    AsciiString[] fields = new AsciiString[kept * 2];
    int next = 0;
    for (int i = 0; i < from.size(); i++) {
      if (kept(from, i, withoutHost)) {
        fields[next++] = copy(from, from.nameOffset(i), from.nameLength(i)).toLowerCase();
        fields[next++] = copy(from, from.valueOffset(i), from.valueLength(i));
      }
    }
    return fields;
  }

  private static boolean kept(HeaderBlock from, int field, boolean withoutHost) {
    return !from.removed(field) && !(withoutHost && from.id(field) == HeaderId.HOST);
  }

  private static AsciiString copy(HeaderBlock from, int offset, int length) {
    return new AsciiString(from.bytes, offset, length, true);
  }

  private static boolean isToken(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 127 || !Syntax.token((byte) text.charAt(i))) {
        return false;
      }
    }
    return text.length() > 0;
  }

  private static boolean isValue(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      if (!Syntax.value((byte) text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isTarget(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      if (!Syntax.target((byte) text.charAt(i))) {
        return false;
      }
    }
    return text.length() > 0
        && (text.charAt(0) == '/' || (text.length() == 1 && text.charAt(0) == '*'));
  }

  private static boolean isAuthority(CharSequence text) {
    byte[] bytes = Http1Text.bytes(text.toString());
    return Syntax.authority(bytes, 0, bytes.length);
  }
}
