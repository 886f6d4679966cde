package dev.meshctl.model.xds.route;

/** {@code path_specifier}; compared without query and fragment. */
public sealed interface PathMatch {
  record Prefix(String prefix) implements PathMatch {}

  record Exact(String path) implements PathMatch {}

  /** By whole path elements: {@code /a} takes {@code /a} and {@code /a/b}, not {@code /ab}. */
  record PathSeparatedPrefix(String prefix) implements PathMatch {}

  /** Whole path, RE2 syntax. */
  record Regex(String pattern) implements PathMatch {}

  /** {@code CONNECT} requests. */
  record Connect() implements PathMatch {}
}
