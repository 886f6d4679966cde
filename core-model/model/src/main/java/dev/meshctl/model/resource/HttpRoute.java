package dev.meshctl.model.resource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Gateway API {@code HTTPRoute}. */
public record HttpRoute(
    Metadata metadata, List<ParentRef> parents, List<String> hostnames, List<Rule> rules)
    implements GatewayRoute {
  public HttpRoute {
    parents = List.copyOf(parents);
    hostnames = List.copyOf(hostnames);
    rules = List.copyOf(rules);
  }

  @Override
  public String kind() {
    return "HTTPRoute";
  }

  @Override
  public List<String> ruleNames() {
    return rules.stream().map(Rule::name).toList();
  }

  @Override
  public List<NamedFilter> unknownFilters() {
    List<NamedFilter> all = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      all.addAll(unknown("spec.rules[" + i + "]", rules.get(i).filters()));
    }
    return all;
  }

  @Override
  public List<NamedBackend> backends() {
    List<NamedBackend> all = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      String rule = "spec.rules[" + i + "]";
      all.addAll(BackendRef.named(rule + ".backendRefs", rules.get(i).backends()));
      all.addAll(mirrors(rule, rules.get(i).filters()));
    }
    return all;
  }

  static List<NamedFilter> unknown(String rule, List<Filter> filters) {
    List<NamedFilter> all = new ArrayList<>();
    for (int i = 0; i < filters.size(); i++) {
      if (filters.get(i) instanceof Filter.Unknown unknown) {
        all.add(new NamedFilter(rule + ".filters[" + i + "]", unknown));
      }
    }
    return all;
  }

  static List<NamedBackend> mirrors(String rule, List<Filter> filters) {
    List<NamedBackend> all = new ArrayList<>();
    for (int i = 0; i < filters.size(); i++) {
      if (filters.get(i) instanceof Filter.Mirror(BackendRef backend, double percentage)) {
        String field = rule + ".filters[" + i + "].requestMirror.backendRef";
        all.add(new NamedBackend(field, backend));
      }
    }
    return all;
  }

  /**
   * {@code rules[]}; no match matches everything.
   *
   * @param requestTimeout of the whole exchange, zero for none
   * @param backendTimeout of one try, zero for none
   */
  public record Rule(
      String name,
      List<Match> matches,
      List<Filter> filters,
      List<BackendRef> backends,
      Optional<Duration> requestTimeout,
      Optional<Duration> backendTimeout,
      Optional<Retry> retry) {
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

  /**
   * {@code retry}.
   *
   * @param codes statuses of a response that is retried, beside connections that fail
   * @param attempts beyond the first try; empty for the usual
   * @param backoff the least wait before a try; empty for the usual
   */
  public record Retry(List<Integer> codes, Optional<Integer> attempts, Optional<Duration> backoff) {
    public Retry {
      codes = List.copyOf(codes);
    }
  }

  /** {@code filters[]}, of GRPCRoutes too. */
  public sealed interface Filter {
    record RequestHeaders(HeaderEdits.Edits edits) implements Filter {}

    record ResponseHeaders(HeaderEdits.Edits edits) implements Filter {}

    /** Empty strings and port 0 keep the request's own. */
    record Redirect(
        String scheme, String hostname, Optional<PathRewrite> path, int port, int statusCode)
        implements Filter {}

    record Rewrite(String hostname, Optional<PathRewrite> path) implements Filter {}

    record Mirror(BackendRef backend, double percentage) implements Filter {}

    /**
     * One that is not known here. It may be what keeps strangers out, so what it stands before is
     * answered with 500.
     */
    record Unknown(String type) implements Filter {
      /** Whether it refers to something outside the API. */
      public boolean isExtension() {
        return type.equals("ExtensionRef");
      }
    }

    /**
     * {@code cors}; {@code *} stands for anything.
     *
     * @param origins {@code https://shop.example.com}, with {@code *.} for any host below
     * @param maxAge in seconds
     */
    record Cors(
        List<String> origins,
        boolean credentials,
        List<String> methods,
        List<String> headers,
        List<String> exposed,
        int maxAge)
        implements Filter {
      public Cors {
        origins = List.copyOf(origins);
        methods = List.copyOf(methods);
        headers = List.copyOf(headers);
        exposed = List.copyOf(exposed);
      }
    }
  }

  /** {@code path} of a rewrite or redirect. */
  public sealed interface PathRewrite {
    record Full(String path) implements PathRewrite {}

    record PrefixMatch(String prefix) implements PathRewrite {}
  }
}
