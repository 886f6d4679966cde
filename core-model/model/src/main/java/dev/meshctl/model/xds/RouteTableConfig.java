package dev.meshctl.model.xds;

import dev.meshctl.model.resource.ResourceId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code envoy.config.route.v3.RouteConfiguration}.
 *
 * @param mostSpecificHeadersWin header changes are made from the table down to the cluster; else
 *     from the cluster up to the table, whose word is so the last
 * @param ignorePort hosts are found by the authority without its port; domains with a port find
 *     nothing then ({@code ignore_port_in_host_matching})
 */
public record RouteTableConfig(
    String name,
    List<VirtualHost> hosts,
    Headers headers,
    boolean mostSpecificHeadersWin,
    FilterOverrides overrides,
    boolean ignorePort)
    implements XdsResource {
  public RouteTableConfig {
    hosts = List.copyOf(hosts);
  }

  public RouteTableConfig(String name, List<VirtualHost> hosts) {
    this(name, hosts, Headers.NONE, false, FilterOverrides.NONE, false);
  }

  /** One whose hosts are found by the authority without its port. */
  public static RouteTableConfig ofAnyPort(String name, List<VirtualHost> hosts) {
    return new RouteTableConfig(name, hosts, Headers.NONE, false, FilterOverrides.NONE, true);
  }

  /** The same with other hosts. */
  public RouteTableConfig withHosts(List<VirtualHost> others) {
    return new RouteTableConfig(
        name, others, headers, mostSpecificHeadersWin, overrides, ignorePort);
  }

  /**
   * {@code VirtualHost}.
   *
   * @param domains exact, {@code *.suffix}, {@code prefix.*}, {@code *}, in lower case, with port
   *     where one is meant; exact wins, then the longest suffix, then the longest prefix, then *
   * @param routes the first that matches wins
   * @param requireTls who is redirected to https; empty for nobody
   */
  public record VirtualHost(
      String name,
      List<String> domains,
      List<Route> routes,
      Headers headers,
      Optional<RequireTls> requireTls,
      FilterOverrides overrides) {
    public VirtualHost {
      domains = List.copyOf(domains);
      routes = List.copyOf(routes);
    }

    public VirtualHost(String name, List<String> domains, List<Route> routes) {
      this(name, domains, routes, Headers.NONE, Optional.empty(), FilterOverrides.NONE);
    }

    /** The same by other domains. */
    public VirtualHost withDomains(List<String> others) {
      return new VirtualHost(name, others, routes, headers, requireTls, overrides);
    }
  }

  /** {@code TlsRequirementType}, told by {@code x-forwarded-proto}. */
  public enum RequireTls {
    /** All but requests with {@code x-envoy-internal: true}. */
    EXTERNAL_ONLY,
    ALL
  }

  /**
   * {@code Route}.
   *
   * @param origin empty where nobody wrote it
   */
  public record Route(
      String name,
      RouteMatch match,
      RouteAction action,
      Headers headers,
      FilterOverrides overrides,
      Optional<RouteOrigin> origin) {
    public Route(
        String name,
        RouteMatch match,
        RouteAction action,
        Headers headers,
        FilterOverrides overrides) {
      this(name, match, action, headers, overrides, Optional.empty());
    }

    public Route(String name, RouteMatch match, RouteAction action, Headers headers) {
      this(name, match, action, headers, FilterOverrides.NONE);
    }

    /** The same with another action. */
    public Route with(RouteAction other) {
      return new Route(name, match, other, headers, overrides, origin);
    }

    /** The same, made from {@code resource} at {@code field}. */
    public Route madeFrom(ResourceId resource, String field) {
      return new Route(
          name, match, action, headers, overrides, Optional.of(RouteOrigin.of(resource, field)));
    }
  }

  /**
   * {@code typed_per_filter_config}: settings that stand in for those of the listener's filters.
   * The most specific of route, virtual host and table wins.
   *
   * @param access by name of the filter
   * @param cors by name of the filter, which has no policy of its own
   */
  public record FilterOverrides(Map<String, AccessControl> access, Map<String, CorsPolicy> cors) {
    public static final FilterOverrides NONE = new FilterOverrides(Map.of());

    public FilterOverrides {
      access = Map.copyOf(access);
      cors = Map.copyOf(cors);
    }

    public FilterOverrides(Map<String, AccessControl> access) {
      this(access, Map.of());
    }
  }

  /**
   * {@code CorsPolicy}. Of texts, empty ones send no header.
   *
   * @param allowOrigin any that matches allows it
   * @param maxAge in seconds, as it goes into the header
   * @param percentage of requests it holds for, 0 to 100; empty for all
   */
  public record CorsPolicy(
      List<ValueMatch> allowOrigin,
      String allowMethods,
      String allowHeaders,
      String exposeHeaders,
      String maxAge,
      boolean allowCredentials,
      boolean allowPrivateNetwork,
      Optional<Double> percentage) {
    public CorsPolicy {
      allowOrigin = List.copyOf(allowOrigin);
    }
  }

  /**
   * {@code RouteMatch}: all conditions hold.
   *
   * @param grpc only gRPC
   * @param percentage of requests that match, 0 to 100; empty for all
   */
  public record RouteMatch(
      PathMatch path,
      boolean ignoreCase,
      List<HeaderMatch> headers,
      List<QueryMatch> query,
      boolean grpc,
      Optional<Double> percentage) {
    public static final RouteMatch ANY =
        new RouteMatch(new PathMatch.Prefix("/"), false, List.of(), List.of());

    public RouteMatch {
      headers = List.copyOf(headers);
      query = List.copyOf(query);
    }

    public RouteMatch(
        PathMatch path, boolean ignoreCase, List<HeaderMatch> headers, List<QueryMatch> query) {
      this(path, ignoreCase, headers, query, false, Optional.empty());
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
     * @param hostRewrite empty keeps the authority, unless {@code hostFrom} says otherwise
     * @param appendForwardedHost an authority that is changed goes to {@code x-forwarded-host}
     * @param hash what the cluster's ring or table looks up, joined in this order
     */
    record Forward(
        List<WeightedCluster> clusters,
        Duration timeout,
        Optional<Retry> retry,
        Optional<PathRewrite> rewrite,
        String hostRewrite,
        List<Mirror> mirrors,
        Optional<Fault> fault,
        Optional<HostFrom> hostFrom,
        boolean appendForwardedHost,
        List<HashPolicy> hash,
        Timeouts timeouts,
        Steering steering)
        implements RouteAction {
      public Forward {
        hash = List.copyOf(hash);
        clusters = List.copyOf(clusters);
        mirrors = List.copyOf(mirrors);
      }

      public Forward(
          List<WeightedCluster> clusters,
          Duration timeout,
          Optional<Retry> retry,
          Optional<PathRewrite> rewrite,
          String hostRewrite,
          List<Mirror> mirrors,
          Optional<Fault> fault,
          Optional<HostFrom> hostFrom,
          boolean appendForwardedHost,
          List<HashPolicy> hash,
          Timeouts timeouts) {
        this(
            clusters,
            timeout,
            retry,
            rewrite,
            hostRewrite,
            mirrors,
            fault,
            hostFrom,
            appendForwardedHost,
            hash,
            timeouts,
            Steering.NONE);
      }

      public Forward(
          List<WeightedCluster> clusters,
          Duration timeout,
          Optional<Retry> retry,
          Optional<PathRewrite> rewrite,
          String hostRewrite,
          List<Mirror> mirrors,
          Optional<Fault> fault) {
        this(
            clusters,
            timeout,
            retry,
            rewrite,
            hostRewrite,
            mirrors,
            fault,
            Optional.empty(),
            false,
            List.of(),
            Timeouts.NONE,
            Steering.NONE);
      }

      /** The same, sticking to hosts by {@code policies}. */
      public Forward hashedBy(HashPolicy... policies) {
        return new Forward(
            clusters,
            timeout,
            retry,
            rewrite,
            hostRewrite,
            mirrors,
            fault,
            hostFrom,
            appendForwardedHost,
            List.of(policies),
            timeouts,
            steering);
      }

      /** The same, steered by {@code other}. */
      public Forward steeredBy(Steering other) {
        return new Forward(
            clusters,
            timeout,
            retry,
            rewrite,
            hostRewrite,
            mirrors,
            fault,
            hostFrom,
            appendForwardedHost,
            hash,
            timeouts,
            other);
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
    record Redirect(
        String scheme,
        String host,
        int port,
        Optional<PathRewrite> path,
        int status,
        boolean stripQuery)
        implements RouteAction {
      public Redirect(
          String scheme, String host, int port, Optional<PathRewrite> path, int status) {
        this(scheme, host, port, path, status, false);
      }
    }

    record DirectResponse(int status, String body) implements RouteAction {}
  }

  /** Change of the path; the query stays. */
  public sealed interface PathRewrite {
    /** Replace what the route's prefix (or exact path) matched. */
    record Prefix(String replacement) implements PathRewrite {}

    record Full(String path) implements PathRewrite {}

    /** Replace each match; {@code \\1} stands for a group. */
    record Regex(String pattern, String substitution) implements PathRewrite {}
  }

  /** {@code RouteAction.HashPolicy}: a part of what tells which host a request sticks to. */
  public sealed interface HashPolicy {
    /** Later policies count only where this one finds nothing. */
    boolean terminal();

    /** A request header, lower case. */
    record HeaderValue(String header, boolean terminal) implements HashPolicy {}

    /**
     * A cookie.
     *
     * @param ttl one is set for so long where the request has none, zero for a session; empty for
     *     never
     * @param path of the cookie that is set, may be empty
     */
    record Cookie(String cookie, Optional<Duration> ttl, String path, boolean terminal)
        implements HashPolicy {}

    /** The client's IP address. */
    record SourceIp(boolean terminal) implements HashPolicy {}

    record QueryParameter(String parameter, boolean terminal) implements HashPolicy {}
  }

  /**
   * How a request finds its way among clusters and hosts.
   *
   * @param stickySplit {@code weighted_clusters.use_hash_policy}: requests of one hash go to one
   *     cluster; else each throws the dice for itself
   * @param highPriority {@code priority: HIGH}: connections and limits of their own
   * @param hedges {@code hedge_on_per_try_timeout}: a try that takes longer than its time goes on
   *     beside the next, and the first good answer wins
   * @param passesConnect {@code upgrade_configs: CONNECT} without {@code connect_config}: a CONNECT
   *     goes on to the host as one, instead of ending here
   * @param upgrades the rest of {@code upgrade_configs}
   */
  public record Steering(
      boolean stickySplit,
      boolean highPriority,
      boolean hedges,
      boolean passesConnect,
      Upgrades upgrades) {
    public static final Steering NONE = new Steering(false, false, false);

    public Steering(boolean stickySplit, boolean highPriority, boolean hedges) {
      this(stickySplit, highPriority, hedges, false, Upgrades.NONE);
    }

    /** One thing that requests stick by. */
    public static Steering sticky() {
      return new Steering(true, false, false);
    }
  }

  /** Where a new authority comes from. */
  public sealed interface HostFrom {
    /** {@code host_rewrite_header}; the authority stays where the header is absent. */
    record HeaderValue(String header) implements HostFrom {}

    /** {@code host_rewrite_path_regex}: from the path without query. */
    record PathRegex(String pattern, String substitution) implements HostFrom {}

    /** {@code auto_host_rewrite}: the name of the chosen endpoint, where it has one. */
    record Upstream() implements HostFrom {}
  }

  /**
   * {@code RetryPolicy}.
   *
   * @param retryOn Envoy condition names, for example {@code connect-failure}
   * @param attempts retries beyond the first try
   * @param perTryTimeout zero is off
   * @param perTryIdleTimeout zero is off
   * @param backoff empty for 25 ms, doubled up to 250 ms
   * @param resetHeaders of a response, first to last: how long to wait before the next try
   * @param mostReset what asks for longer is not heeded
   * @param headers of a response, any of which makes it retriable under {@code retriable-headers}
   * @param requestHeaders only requests with any of them are retried; empty for all
   * @param elsewhere where retries do not go
   */
  public record Retry(
      List<String> retryOn,
      int attempts,
      Duration perTryTimeout,
      Duration perTryIdleTimeout,
      Optional<BackoffRange> backoff,
      List<ResetHeader> resetHeaders,
      Duration mostReset,
      List<HeaderMatch> headers,
      List<HeaderMatch> requestHeaders,
      Elsewhere elsewhere) {
    /** Envoy's. */
    public static final Duration MOST_RESET = Duration.ofSeconds(300);

    public Retry {
      retryOn = List.copyOf(retryOn);
      resetHeaders = List.copyOf(resetHeaders);
      headers = List.copyOf(headers);
      requestHeaders = List.copyOf(requestHeaders);
    }

    public Retry(
        List<String> retryOn,
        int attempts,
        Duration perTryTimeout,
        Duration perTryIdleTimeout,
        Optional<BackoffRange> backoff,
        List<ResetHeader> resetHeaders,
        Duration mostReset,
        List<HeaderMatch> headers,
        List<HeaderMatch> requestHeaders) {
      this(
          retryOn,
          attempts,
          perTryTimeout,
          perTryIdleTimeout,
          backoff,
          resetHeaders,
          mostReset,
          headers,
          requestHeaders,
          Elsewhere.NONE);
    }

    /** The same with other waits between tries. */
    public Retry waiting(BackoffRange other) {
      return new Retry(
          retryOn,
          attempts,
          perTryTimeout,
          perTryIdleTimeout,
          Optional.of(other),
          resetHeaders,
          mostReset,
          headers,
          requestHeaders,
          elsewhere);
    }

    /** The same with retries that do not go there. */
    public Retry going(Elsewhere other) {
      return new Retry(
          retryOn,
          attempts,
          perTryTimeout,
          perTryIdleTimeout,
          backoff,
          resetHeaders,
          mostReset,
          headers,
          requestHeaders,
          other);
    }

    public Retry(List<String> retryOn, int attempts, Duration perTryTimeout) {
      this(
          retryOn,
          attempts,
          perTryTimeout,
          Duration.ZERO,
          Optional.empty(),
          List.of(),
          Duration.ZERO,
          List.of(),
          List.of());
    }
  }

  /**
   * Where retries go, beside other hosts than before.
   *
   * @param omitted not to hosts with all of any of these labels, where there are others: {@code
   *     omit_host_metadata}, {@code omit_canary_hosts}
   * @param prioritiesEvery after this many tries, priorities that were tried are left out: {@code
   *     previous_priorities}, 0 is off
   */
  public record Elsewhere(List<Labels> omitted, int prioritiesEvery) {
    public static final Elsewhere NONE = new Elsewhere(List.of(), 0);

    /** Labels of hosts that are canaries. */
    public static final Labels CANARY = new Labels(Map.of("canary", new Labels.Value.Flag(true)));

    public Elsewhere {
      omitted = List.copyOf(omitted);
    }
  }

  /** {@code RetryBackOff}; {@code most} is not shorter than {@code base}. */
  public record BackoffRange(Duration base, Duration most) {}

  /**
   * {@code ResetHeader}, for example {@code retry-after}.
   *
   * @param unixTimestamp the value is a moment in seconds since 1970; else a number of seconds
   */
  public record ResetHeader(String name, boolean unixTimestamp) {}

  /**
   * Times of a route beside that of the whole exchange; zero is off.
   *
   * @param idle in place of the listener's stream idle timeout
   * @param maxStream in place of the listener's longest life of a stream
   * @param grpcMaxStream the client's {@code grpc-timeout} is the longest life of a stream, up to
   *     this; zero without limit
   * @param grpcMax the client's {@code grpc-timeout} stands in for the route's timeout, up to this;
   *     zero without limit
   * @param grpcOffset taken off {@code grpc-timeout} in both cases
   */
  public record Timeouts(
      Optional<Duration> idle,
      Optional<Duration> maxStream,
      Optional<Duration> grpcMaxStream,
      Optional<Duration> grpcMax,
      Duration grpcOffset) {
    public static final Timeouts NONE =
        new Timeouts(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Duration.ZERO);
  }

  /**
   * A copy of the request to another cluster; {@code percentage} is 0 to 100.
   *
   * @param keepsHost {@code disable_shadow_host_suffix_append}; else {@code -shadow} is appended
   */
  public record Mirror(String cluster, double percentage, boolean keepsHost) {
    public Mirror(String cluster, double percentage) {
      this(cluster, percentage, false);
    }
  }

  /**
   * Percentages are 0 to 100. {@code abortHttpStatus} 0 and {@code abortGrpcStatus} -1 are off.
   *
   * @param delayByHeader {@code header_delay}: requests name their own by {@code
   *     x-envoy-fault-delay-request}, in milliseconds
   * @param abortByHeader {@code header_abort}: likewise by {@code x-envoy-fault-abort-request} or
   *     {@code x-envoy-fault-abort-grpc-request}
   * @param mostActive requests held at a time; empty for no limit
   */
  public record Fault(
      double delayPercentage,
      Duration delay,
      double abortPercentage,
      int abortHttpStatus,
      int abortGrpcStatus,
      boolean delayByHeader,
      boolean abortByHeader,
      Optional<Integer> mostActive) {
    public Fault(
        double delayPercentage,
        Duration delay,
        double abortPercentage,
        int abortHttpStatus,
        int abortGrpcStatus) {
      this(
          delayPercentage,
          delay,
          abortPercentage,
          abortHttpStatus,
          abortGrpcStatus,
          false,
          false,
          Optional.empty());
    }
  }

  /** Header changes of requests to and responses from the upstream. */
  public record Headers(HeaderChanges request, HeaderChanges response) {
    public static final Headers NONE = new Headers(HeaderChanges.NONE, HeaderChanges.NONE);
  }

  /**
   * Applied as remove, then set (overwrite), then add (append), then the conditional ones. Names in
   * lower case.
   *
   * @param addIfAbsent left out where the header is there
   * @param setIfPresent left out where it is not
   */
  public record HeaderChanges(
      List<Header> set,
      List<Header> add,
      List<Header> addIfAbsent,
      List<Header> setIfPresent,
      List<String> remove) {
    public static final HeaderChanges NONE = new HeaderChanges(List.of(), List.of(), List.of());

    public HeaderChanges {
      set = List.copyOf(set);
      add = List.copyOf(add);
      addIfAbsent = List.copyOf(addIfAbsent);
      setIfPresent = List.copyOf(setIfPresent);
      remove = List.copyOf(remove);
    }

    public HeaderChanges(List<Header> set, List<Header> add, List<String> remove) {
      this(set, add, List.of(), List.of(), remove);
    }
  }

  /**
   * {@code HeaderValueOption}.
   *
   * @param format {@code value} holds Envoy's {@code %OPERATORS%}, {@code %%} for a percent sign;
   *     else it is literal
   * @param keepEmpty sent even where the value comes to nothing
   */
  public record Header(String name, String value, boolean format, boolean keepEmpty) {
    /** A literal. */
    public Header(String name, String value) {
      this(name, value, false, false);
    }
  }
}
