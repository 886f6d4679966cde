package dev.meshctl.model.xds.route;

/** Change of the path; the query stays. */
public sealed interface PathRewrite {
  /** Replace what the route's prefix (or exact path) matched. */
  record Prefix(String replacement) implements PathRewrite {}

  record Full(String path) implements PathRewrite {}

  /** Replace each match; {@code \\1} stands for a group. */
  record Regex(String pattern, String substitution) implements PathRewrite {}
}
