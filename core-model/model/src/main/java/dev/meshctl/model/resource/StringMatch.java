package dev.meshctl.model.resource;

/** How a string is compared (Istio {@code StringMatch}, Gateway API match types). */
public sealed interface StringMatch {
  record Exact(String value) implements StringMatch {}

  record Prefix(String value) implements StringMatch {}

  /** RE2 syntax, matched against the whole string. */
  record Regex(String pattern) implements StringMatch {}

  /** Present with any value. */
  record Present() implements StringMatch {}
}
