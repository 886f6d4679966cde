package dev.meshctl.model.xds.route;

/** {@code StringMatcher} and presence. */
public sealed interface ValueMatch {
  record Exact(String value) implements ValueMatch {}

  record Prefix(String value) implements ValueMatch {}

  record Suffix(String value) implements ValueMatch {}

  record Contains(String value) implements ValueMatch {}

  /** Whole value, RE2 syntax. */
  record Regex(String pattern) implements ValueMatch {}

  record Present() implements ValueMatch {}

  /** {@code of} without regard to the case of ASCII letters; a regex keeps it. */
  record IgnoringCase(ValueMatch of) implements ValueMatch {}

  /** {@code range_match}: a decimal number from {@code first} to before {@code end}. */
  record Range(long first, long end) implements ValueMatch {}
}
