package dev.meshctl.model.match;

import dev.meshctl.model.xds.RouteTableConfig.HeaderMatch;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A compiled {@link HeaderMatch}. A header that is absent matches no value; {@code invert} turns
 * that into a match.
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
    boolean passes;
    if (found != null) {
      passes = value.test(found.array(), found.offset(), found.length());
    } else {
      passes = missingIsEmpty && value.test(EMPTY, 0, 0);
    }
    return passes != invert;
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
