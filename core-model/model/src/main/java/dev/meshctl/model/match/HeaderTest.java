package dev.meshctl.model.match;

import dev.meshctl.model.xds.route.HeaderMatch;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A compiled {@link HeaderMatch}. A header that is absent neither matches a value nor, inverted,
 * fails to: as at Envoy, the test does not pass, unless it is for presence or absence means empty.
 */
record HeaderTest(String name, ValueTest value, boolean invert, boolean missingIsEmpty) {
  private static final byte[] EMPTY = new byte[0];

  /**
   * Compiles {@code match}.
   *
   * @throws com.google.re2j.PatternSyntaxException where a regex is none of RE2
   */
  static HeaderTest compile(HeaderMatch match) {
    return new HeaderTest(
        match.name().toLowerCase(Locale.ROOT),
        ValueTest.compile(match.value()),
        match.invert(),
        match.missingIsEmpty());
  }

  boolean matches(RequestView request) {
    return matches(valueOf(request, name));
  }

  /** For a header whose value is {@code found}, null where it is absent. */
  boolean matches(@Nullable Bytes found) {
    if (found != null) {
      return value.test(found.array(), found.offset(), found.length()) != invert;
    }
    if (missingIsEmpty) {
      return value.test(EMPTY, 0, 0) != invert;
    }
    return invert && value instanceof ValueTest.Present;
  }

  private static @Nullable Bytes valueOf(RequestView request, String name) {
    return switch (name) {
      case ":method" -> request.method();
      case ":path" -> request.path();
      case ":authority", "host" -> request.authority();
      case ":scheme" -> request.scheme();
      default -> request.header(name);
    };
  }
}
