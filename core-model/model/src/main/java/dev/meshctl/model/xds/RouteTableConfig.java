package dev.meshctl.model.xds;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code envoy.config.route.v3.RouteConfiguration}. */
public record RouteTableConfig(String name, List<VirtualHost> hosts, FilterOverrides overrides)
    implements XdsResource {
  public RouteTableConfig {
    hosts = List.copyOf(hosts);
  }

  public RouteTableConfig(String name, List<VirtualHost> hosts) {
    this(name, hosts, FilterOverrides.NONE);
  }

  /**
   * {@code VirtualHost}.
   *
   * @param domains exact, {@code *.suffix}, {@code prefix.*}, {@code *}, in lower case, with port
   *     where one is meant; exact wins, then the longest suffix, then the longest prefix, then *
   * @param routes the first that matches wins
   */
  public record VirtualHost(
      String name, List<String> domains, List<Route> routes, FilterOverrides overrides) {
    public VirtualHost {
      domains = List.copyOf(domains);
      routes = List.copyOf(routes);
    }

    public VirtualHost(String name, List<String> domains, List<Route> routes) {
      this(name, domains, routes, FilterOverrides.NONE);
    }
  }

  /** {@code Route}. */
  public record Route(
      String name,
      RouteMatch match,
      RouteAction action,
      Headers headers,
      FilterOverrides overrides) {
    public Route(String name, RouteMatch match, RouteAction action, Headers headers) {
      this(name, match, action, headers, FilterOverrides.NONE);
    }
  }

  /**
   * {@code typed_per_filter_config}: settings that stand in for those of the listener's filters.
   * The most specific of route, virtual host and table wins.
   *
   * @param access by name of the filter
   */
  public record FilterOverrides(Map<String, AccessControl> access) {
    public static final FilterOverrides NONE = new FilterOverrides(Map.of());

    public FilterOverrides {
      access = Map.copyOf(access);
    }
  }

  /** {@code RouteMatch}: all conditions hold. An empty method is any. */
  public record RouteMatch(
      PathMatch path, boolean ignoreCase, List<HeaderMatch> headers, List<QueryMatch> query) {
    public static final RouteMatch ANY =
        new RouteMatch(new PathMatch.Prefix("/"), false, List.of(), List.of());

    public RouteMatch {
      headers = List.copyOf(headers);
      query = List.copyOf(query);
    }
  }

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

  /**
   * {@code HeaderMatcher}; pseudo headers by their HTTP/2 names.
   *
   * @param invert negates
   * @param missingIsEmpty an absent header is tested as the empty value
   */
  public record HeaderMatch(String name, ValueMatch value, boolean invert, boolean missingIsEmpty) {
    public HeaderMatch(String name, ValueMatch value, boolean invert) {
      this(name, value, invert, false);
    }
  }

  public record QueryMatch(String name, ValueMatch value) {}

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

  /** What a route does. */
  public sealed interface RouteAction {
    /**
     * {@code RouteAction}.
     *
     * @param timeout of the whole exchange; zero is off
     * @param rewrite path change
     * @param hostRewrite empty keeps the authority
     */
    record Forward(
        List<WeightedCluster> clusters,
        Duration timeout,
        Optional<Retry> retry,
        Optional<PathRewrite> rewrite,
        String hostRewrite,
        List<Mirror> mirrors,
        Optional<Fault> fault)
        implements RouteAction {
      public Forward {
        clusters = List.copyOf(clusters);
        mirrors = List.copyOf(mirrors);
      }

      /** To one cluster, with defaults. */
      public static Forward to(String cluster) {
        return new Forward(
            List.of(WeightedCluster.only(cluster)),
            Duration.ZERO,
            Optional.empty(),
            Optional.empty(),
            "",
            List.of(),
            Optional.empty());
      }
    }

    /** {@code RedirectAction}; empty strings and port 0 keep the request's own. */
    record Redirect(String scheme, String host, int port, Optional<PathRewrite> path, int status)
        implements RouteAction {}

    record DirectResponse(int status, String body) implements RouteAction {}
  }

  /** Change of the path; the query stays. */
  public sealed interface PathRewrite {
    /** Replace what the route's prefix (or exact path) matched. */
    record Prefix(String replacement) implements PathRewrite {}

    record Full(String path) implements PathRewrite {}
  }

  /**
   * {@code RetryPolicy}.
   *
   * @param retryOn Envoy condition names, for example {@code connect-failure}
   * @param attempts retries beyond the first try
   * @param perTryTimeout zero is off
   */
  public record Retry(List<String> retryOn, int attempts, Duration perTryTimeout) {
    public Retry {
      retryOn = List.copyOf(retryOn);
    }
  }

  /** A copy of the request to another cluster; {@code percentage} is 0 to 100. */
  public record Mirror(String cluster, double percentage) {}

  /** Percentages are 0 to 100. {@code abortHttpStatus} 0 and {@code abortGrpcStatus} -1 are off. */
  public record Fault(
      double delayPercentage,
      Duration delay,
      double abortPercentage,
      int abortHttpStatus,
      int abortGrpcStatus) {}

  /** Header changes of requests to and responses from the upstream. */
  public record Headers(HeaderChanges request, HeaderChanges response) {
    public static final Headers NONE = new Headers(HeaderChanges.NONE, HeaderChanges.NONE);
  }

  /** Applied as remove, then set (overwrite), then add (append). Names in lower case. */
  public record HeaderChanges(List<Header> set, List<Header> add, List<String> remove) {
    public static final HeaderChanges NONE = new HeaderChanges(List.of(), List.of(), List.of());

    public HeaderChanges {
      set = List.copyOf(set);
      add = List.copyOf(add);
      remove = List.copyOf(remove);
    }
  }

  public record Header(String name, String value) {}
}
