package dev.meshctl.model.xds.route;

/** Where a new authority comes from. */
public sealed interface HostFrom {
  /** {@code host_rewrite_header}; the authority stays where the header is absent. */
  record HeaderValue(String header) implements HostFrom {}

  /** {@code host_rewrite_path_regex}: from the path without query. */
  record PathRegex(String pattern, String substitution) implements HostFrom {}

  /** {@code auto_host_rewrite}: the name of the chosen endpoint, where it has one. */
  record Upstream() implements HostFrom {}
}
