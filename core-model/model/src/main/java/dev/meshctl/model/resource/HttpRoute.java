package dev.meshctl.model.resource;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Gateway API {@code HTTPRoute}. */
public record HttpRoute(
    Metadata metadata, List<ParentRef> parents, List<String> hostnames, List<Rule> rules)
    implements MeshResource {
  public HttpRoute {
    parents = List.copyOf(parents);
    hostnames = List.copyOf(hostnames);
    rules = List.copyOf(rules);
  }

  @Override
  public String kind() {
    return "HTTPRoute";
  }

  /** {@code rules[]}; no match matches everything. */
  public record Rule(
      String name,
      List<Match> matches,
      List<Filter> filters,
      List<BackendRef> backends,
      Optional<Duration> requestTimeout) {
    public Rule {
      matches = List.copyOf(matches);
      filters = List.copyOf(filters);
      backends = List.copyOf(backends);
    }
  }

  /** {@code matches[]}; a path {@code Prefix} is by path element, an empty method is any. */
  public record Match(
      StringMatch path,
      String method,
      Map<String, StringMatch> headers,
      Map<String, StringMatch> queryParams) {
    public Match {
      headers = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(headers));
      queryParams =
          java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(queryParams));
    }
  }

  /** {@code filters[]}. */
  public sealed interface Filter {
    record RequestHeaders(HeaderEdits.Edits edits) implements Filter {}

    record ResponseHeaders(HeaderEdits.Edits edits) implements Filter {}

    /** Empty strings and port 0 keep the request's own. */
    record Redirect(
        String scheme, String hostname, Optional<PathRewrite> path, int port, int statusCode)
        implements Filter {}

    record Rewrite(String hostname, Optional<PathRewrite> path) implements Filter {}

    record Mirror(BackendRef backend, double percentage) implements Filter {}
  }

  /** {@code path} of a rewrite or redirect. */
  public sealed interface PathRewrite {
    record Full(String path) implements PathRewrite {}

    record PrefixMatch(String prefix) implements PathRewrite {}
  }
}
