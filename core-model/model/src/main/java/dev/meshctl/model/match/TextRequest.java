package dev.meshctl.model.match;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request head from text, for {@code explain} and tests.
 *
 * <p>Thread: one.
 */
public final class TextRequest implements RequestView {
  private final Bytes method;
  private final Bytes scheme;
  private final Bytes authority;
  private final Bytes path;
  private final Map<String, Bytes> headers;

  private TextRequest(
      Bytes method, Bytes scheme, Bytes authority, Bytes path, Map<String, Bytes> headers) {
    this.method = method;
    this.scheme = scheme;
    this.authority = authority;
    this.path = path;
    this.headers = headers;
  }

  /** {@code GET http://AUTHORITY/PATH} without headers. */
  public static TextRequest get(String authority, String path) {
    return of("GET", "http", authority, path);
  }

  public static TextRequest of(String method, String scheme, String authority, String path) {
    return new TextRequest(
        Bytes.copyOf(method),
        Bytes.copyOf(scheme),
        Bytes.copyOf(authority),
        Bytes.copyOf(path),
        Map.of());
  }

  /** This request with one header more; the second of a name is joined with a comma. */
  public TextRequest with(String name, String value) {
    Map<String, Bytes> more = new LinkedHashMap<>(headers);
    more.merge(
        name.toLowerCase(Locale.ROOT),
        Bytes.copyOf(value),
        (first, second) -> Bytes.copyOf(first + "," + second));
    return new TextRequest(method, scheme, authority, path, Collections.unmodifiableMap(more));
  }

  @Override
  public Bytes method() {
    return method;
  }

  @Override
  public Bytes path() {
    return path;
  }

  @Override
  public Bytes authority() {
    return authority;
  }

  @Override
  public Bytes scheme() {
    return scheme;
  }

  @Override
  public @Nullable Bytes header(String lowerCaseName) {
    return switch (lowerCaseName) {
      case ":method" -> method;
      case ":path" -> path;
      case ":authority", "host" -> authority;
      case ":scheme" -> scheme;
      default -> headers.get(lowerCaseName);
    };
  }
}
