package dev.meshctl.dataplane.http;

import dev.meshctl.model.match.Bytes;
import dev.meshctl.model.match.RequestView;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request, whichever protocol brought it: method, target, authority and fields over
 * one byte array.
 *
 * <p>Thread: confined to one event loop. Pooled by {@link LoopResources}.
 */
public final class RequestHead extends HeaderBlock implements RequestView {
  private static final Bytes HTTP = Bytes.copyOf("http");
  private static final Bytes HTTPS = Bytes.copyOf("https");

  /** What of the message follows the head. */
  public enum Body {
    NONE,
    /** As many bytes as {@code Content-Length} says. */
    SIZED,
    /** Until its end is signalled. */
    STREAMED
  }

  /** The protocol it arrived by. */
  public enum Version {
    HTTP10,
    HTTP11,
    HTTP2
  }

  private final Bytes method = new Bytes();
  private final Bytes path = new Bytes();
  private final Bytes authority = new Bytes();
  private int methodOffset;
  private int methodLength;
  private int pathOffset;
  private int pathLength;
  private int authorityOffset;
  private int authorityLength;

  Version version = Version.HTTP11;
  Body body = Body.NONE;
  long contentLength;
  boolean secure;
  boolean upgrade;
  boolean keepAlive;
  boolean expectsContinue;
  private int lot;

  @Override
  public void clear() {
    super.clear();
    methodLength = 0;
    pathLength = 0;
    authorityLength = 0;
    version = Version.HTTP11;
    body = Body.NONE;
    contentLength = 0;
    secure = false;
    upgrade = false;
    keepAlive = false;
    expectsContinue = false;
    lot = 0;
  }

  @Override
  public int lot() {
    return lot;
  }

  /** Draws the lot of this request, 0 to 999,999. */
  public void lot(int drawn) {
    lot = drawn;
  }

  public Version version() {
    return version;
  }

  public Body body() {
    return body;
  }

  /** Bytes of the body, where it is {@link Body#SIZED}. */
  public long contentLength() {
    return contentLength;
  }

  /** It came over TLS. */
  public boolean secure() {
    return secure;
  }

  /** It asks to leave HTTP: {@code Upgrade} or {@code CONNECT}. */
  public boolean leavesHttp() {
    return upgrade || isConnect();
  }

  /** It asks for another protocol by {@code Upgrade} (RFC 9110 7.8). */
  public boolean upgrade() {
    return upgrade;
  }

  public boolean isConnect() {
    return methodIs("CONNECT");
  }

  public boolean isHead() {
    return methodIs("HEAD");
  }

  public boolean isGrpc() {
    int type = findId(HeaderId.CONTENT_TYPE, 0);
    return type >= 0
        && valueBegins(type, "application/grpc")
        && (valueLength(type) == 16
            || bytes[valueOffset(type) + 16] == '+'
            || bytes[valueOffset(type) + 16] == ';');
  }

  /** In either form, binary or text (gRPC's PROTOCOL-WEB.md). */
  public boolean isGrpcWeb() {
    int type = findId(HeaderId.CONTENT_TYPE, 0);
    return type >= 0 && valueBegins(type, "application/grpc-web") && methodIs("POST");
  }

  private boolean valueBegins(int field, String prefix) {
    return valueLength(field) >= prefix.length()
        && Syntax.equalsIgnoreCase(bytes, valueOffset(field), prefix.length(), prefix);
  }

  /** May be sent again though a first try may have been processed (RFC 9110 9.2.2). */
  public boolean idempotent() {
    return methodIs("GET")
        || methodIs("HEAD")
        || methodIs("PUT")
        || methodIs("DELETE")
        || methodIs("OPTIONS")
        || methodIs("TRACE");
  }

  public boolean methodIs(String name) {
    if (methodLength != name.length()) {
      return false;
    }
    for (int i = 0; i < methodLength; i++) {
      if (bytes[methodOffset + i] != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public Bytes method() {
    return method.aim(bytes, methodOffset, methodLength);
  }

  @Override
  public Bytes path() {
    return path.aim(bytes, pathOffset, pathLength);
  }

  @Override
  public Bytes authority() {
    return authority.aim(bytes, authorityOffset, authorityLength);
  }

  @Override
  public Bytes scheme() {
    return secure ? HTTPS : HTTP;
  }

  @Override
  public @Nullable Bytes header(String lowerCaseName) {
    if (lowerCaseName.isEmpty() || lowerCaseName.charAt(0) != ':') {
      return value(lowerCaseName);
    }
    return switch (lowerCaseName) {
      case ":method" -> method();
      case ":path" -> path();
      case ":authority" -> authority();
      case ":scheme" -> scheme();
      default -> null;
    };
  }

  void method(int offset, int length) {
    methodOffset = offset;
    methodLength = length;
  }

  void path(int offset, int length) {
    pathOffset = offset;
    pathLength = length;
  }

  void authority(int offset, int length) {
    authorityOffset = offset;
    authorityLength = length;
  }

  /** Takes over a request line that did not come as text. */
  public void start(CharSequence newMethod, CharSequence newPath, CharSequence newAuthority) {
    room(newMethod.length());
    method(end, newMethod.length());
    append(newMethod);
    replacePath(newPath);
    replaceAuthority(newAuthority);
  }

  /** A body follows whose length is not known. */
  public void streamed() {
    removeId(HeaderId.CONTENT_LENGTH);
    body = Body.STREAMED;
  }

  /** Another path, with query. */
  public void replacePath(CharSequence newPath) {
    room(newPath.length());
    int offset = end;
    append(newPath);
    path(offset, newPath.length());
  }

  /** Another authority, and with it the {@code Host} field. */
  public void replaceAuthority(CharSequence newAuthority) {
    removeId(HeaderId.HOST);
    if (newAuthority.isEmpty()) {
      authority(0, 0);
      return;
    }
    add("host", newAuthority);
    authority(valueOffset(size() - 1), newAuthority.length());
  }

  /** Removes what ends at this hop; {@code Upgrade} stays where it is asked for. */
  public void stripHopByHop() {
    removeHopByHop(upgrade);
  }

  /** A copy that lives on its own. */
  public void copyTo(RequestHead other) {
    other.clear();
    other.start(method().toString(), path().toString(), "");
    for (int i = 0; i < size(); i++) {
      if (!removed(i)) {
        other.add(name(i), value(i));
      }
    }
    int host = other.findId(HeaderId.HOST, 0);
    if (host >= 0) {
      other.authority(other.valueOffset(host), other.valueLength(host));
    } else {
      String text = authority().toString();
      other.room(text.length());
      other.authority(other.end, text.length());
      other.append(text);
    }
    other.version = version;
    other.body = body;
    other.contentLength = contentLength;
    other.secure = secure;
    other.upgrade = upgrade;
  }

  /** Bytes that {@link #writeHttp1} writes, at most. */
  int http1Bytes() {
    return textBytes() + methodLength + pathLength + authorityLength + 64;
  }

  /** Writes the head as HTTP/1.1 into {@code out} (borrowed). */
  void writeHttp1(ByteBuf out) {
    out.writeBytes(bytes, methodOffset, methodLength);
    out.writeByte(' ');
    if (isConnect()) {
      out.writeBytes(bytes, authorityOffset, authorityLength);
    } else {
      out.writeBytes(bytes, pathOffset, pathLength);
    }
    out.writeBytes(Http1Text.VERSION_LINE_END);
    writeFields(out);
    if (upgrade) {
      out.writeBytes(Http1Text.CONNECTION_UPGRADE);
    }
    if (body == Body.STREAMED && !isConnect()) {
      out.writeBytes(Http1Text.CHUNKED);
    }
    out.writeBytes(Http1Text.LINE_END);
  }
}
