package dev.meshctl.model.xds;

import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.xds.route.CorsPolicy;
import dev.meshctl.model.xds.route.Fault;
import dev.meshctl.model.xds.route.HashPolicy;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.HostFrom;
import dev.meshctl.model.xds.route.Mirror;
import dev.meshctl.model.xds.route.PathRewrite;
import dev.meshctl.model.xds.route.RouteMatch;
import dev.meshctl.model.xds.route.Timeouts;
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
}
