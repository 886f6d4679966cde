package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.BackendRef;
import dev.meshctl.model.resource.GrpcRoute;
import dev.meshctl.model.resource.HeaderEdits;
import dev.meshctl.model.resource.HttpRoute;
import dev.meshctl.model.resource.HttpRoute.Filter;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.xds.ClusterNames;
import dev.meshctl.model.xds.Retry;
import dev.meshctl.model.xds.Retry.BackoffRange;
import dev.meshctl.model.xds.RouteTableConfig.FilterOverrides;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.route.CorsPolicy;
import dev.meshctl.model.xds.route.HeaderChanges;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.Mirror;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.PathRewrite;
import dev.meshctl.model.xds.route.RouteMatch;
import dev.meshctl.model.xds.route.ValueMatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a rule of the Gateway API does with a request that it matched. */
final class GatewayApiActions {
  private static final int FOUND = 302;

  /** Where a backend does not exist, or a filter is not known. */
  private static final int ERROR = 500;

  /** What is retried whatever the answer would be. */
  private static final List<String> CONNECTION_FAILURES =
      List.of("connect-failure", "refused-stream", "unavailable", "cancelled");

  /** The longest wait before a try, in shortest ones: Envoy's. */
  private static final int BACKOFF_GROWTH = 10;

  private final Destinations destinations;

  GatewayApiActions(Destinations destinations) {
    this.destinations = destinations;
  }

  /** Of a GRPCRoute: gRPC has no paths to rewrite, and deadlines of its own. */
  Route route(String name, RouteMatch match, GrpcRoute.Rule rule, MeshResource from) {
    Filters filters = Filters.of(rule.filters());
    return route(
        name,
        match,
        forward(
            rule.backends(), from, Duration.ZERO, destinations.retry(), filters, Optional.empty()),
        filters);
  }

  private static Route route(String name, RouteMatch match, RouteAction action, Filters filters) {
    FilterOverrides overrides =
        filters
            .cors
            .map(cors ->
                new FilterOverrides(
                    Map.of(), Map.of(dev.meshctl.model.xds.translation.Filters.CORS, cors(cors))))
            .orElse(FilterOverrides.NONE);
    return new Route(name, match, action, filters.headers, overrides);
  }

  /** One route, or two where a prefix is cut off: see {@link #isCut}. */
  List<Route> routes(String name, RouteMatch match, HttpRoute.Rule rule, MeshResource from) {
    Filters filters = Filters.of(rule.filters());
    if (isCut(match.path(), filters.path())
        && match.path() instanceof PathMatch.PathSeparatedPrefix(var prefix)) {
      // The prefix itself becomes /, and what is below it keeps one slash.
      return List.of(
          route(name, with(match, new PathMatch.Exact(prefix)), rule, filters, from),
          route(name, with(match, new PathMatch.Prefix(prefix + "/")), rule, filters, from));
    }
    return List.of(route(name, match, rule, filters, from));
  }

  /** Whether a prefix is replaced by {@code /}, which replaced as text would leave two slashes. */
  private static boolean isCut(PathMatch path, Optional<HttpRoute.PathRewrite> rewrite) {
    return path instanceof PathMatch.PathSeparatedPrefix
        && rewrite.isPresent()
        && rewrite.get() instanceof HttpRoute.PathRewrite.PrefixMatch(var replacement)
        && (replacement.equals("/") || replacement.isEmpty());
  }

  private static RouteMatch with(RouteMatch match, PathMatch path) {
    return new RouteMatch(path, match.ignoreCase(), match.headers(), match.query());
  }

  private Route route(
      String name, RouteMatch match, HttpRoute.Rule rule, Filters filters, MeshResource from) {
    Optional<PathRewrite> rewrite = filters.path().map(path -> rewrite(path, match.path()));
    RouteAction action =
        filters
            .redirect
            .filter(redirect -> !filters.unknown)
            .<RouteAction>map(redirect ->
                new RouteAction.Redirect(
                    redirect.scheme(),
                    redirect.hostname(),
                    redirect.port(),
                    rewrite,
                    redirect.statusCode() == 0 ? FOUND : redirect.statusCode()))
            .orElseGet(
                () -> forward(rule.backends(), from, timeout(rule), retry(rule), filters, rewrite));
    return route(name, match, action, filters);
  }

  /** Of the whole exchange; where nothing is retried, the one try's counts too. */
  private Duration timeout(HttpRoute.Rule rule) {
    Duration whole = rule.requestTimeout().orElse(Duration.ZERO);
    Duration one = rule.backendTimeout().orElse(Duration.ZERO);
    if (retry(rule).isPresent() || one.isZero()) {
      return whole;
    }
    return whole.isZero() || one.compareTo(whole) < 0 ? one : whole;
  }

  private Optional<Retry> retry(HttpRoute.Rule rule) {
    Duration one = rule.backendTimeout().orElse(Duration.ZERO);
    if (rule.retry().isEmpty()) {
      return destinations
          .retry()
          .map(usual ->
              new Retry(
                  usual.retryOn(), usual.attempts(), one.isZero() ? usual.perTryTimeout() : one));
    }
    HttpRoute.Retry written = rule.retry().get();
    int attempts = written.attempts().orElse(RouteParts.DEFAULT_RETRY.attempts());
    if (attempts == 0) {
      return Optional.empty();
    }
    List<String> conditions = new ArrayList<>(CONNECTION_FAILURES);
    written.codes().forEach(code -> conditions.add(code.toString()));
    Retry retry = new Retry(conditions, attempts, one);
    return Optional.of(
        written
            .backoff()
            .filter(least -> !least.isZero())
            .map(
                least -> retry.waiting(new BackoffRange(least, least.multipliedBy(BACKOFF_GROWTH))))
            .orElse(retry));
  }

  private static CorsPolicy cors(Filter.Cors cors) {
    return new CorsPolicy(
        cors.origins().stream().map(GatewayApiActions::origin).toList(),
        String.join(",", cors.methods()),
        String.join(",", cors.headers()),
        String.join(",", cors.exposed()),
        Integer.toString(cors.maxAge()),
        cors.credentials(),
        false,
        Optional.empty());
  }

  /** {@code *} is any; {@code https://*.example.com} any host below. */
  private static ValueMatch origin(String origin) {
    if (!origin.contains("*")) {
      return new ValueMatch.Exact(origin);
    }
    String pattern =
        Arrays.stream(origin.split("\\*", -1))
            .map(part -> part.replaceAll("[.+?()\\[\\]{}|^$\\\\]", "\\\\$0"))
            .collect(Collectors.joining(".*"));
    return new ValueMatch.Regex(pattern);
  }

  private static PathRewrite rewrite(HttpRoute.PathRewrite rewrite, PathMatch matched) {
    return switch (rewrite) {
      case HttpRoute.PathRewrite.Full(var path) -> new PathRewrite.Full(path);
      case HttpRoute.PathRewrite.PrefixMatch(var prefix) -> {
        String trimmed = prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
        boolean slashMatched = matched instanceof PathMatch.Prefix;
        yield new PathRewrite.Prefix(slashMatched || trimmed.isEmpty() ? trimmed + "/" : trimmed);
      }
    };
  }

  private RouteAction forward(
      List<BackendRef> backends,
      MeshResource from,
      Duration timeout,
      Optional<Retry> retry,
      Filters filters,
      Optional<PathRewrite> rewrite) {
    List<WeightedCluster> clusters = new ArrayList<>();
    boolean anyExists = false;
    for (BackendRef backend : backends) {
      Optional<String> cluster = destinations.cluster(backend, from);
      anyExists |= cluster.isPresent() && backend.weight() > 0;
      if (backend.weight() > 0) {
        clusters.add(
            new WeightedCluster(
                cluster.orElse(ClusterNames.BLACK_HOLE),
                backends.size() == 1 ? 1 : backend.weight(),
                RouteParts.headers(backend.headers())));
      }
    }
    if (filters.unknown) {
      return new RouteAction.DirectResponse(ERROR, "a filter of this route is not known\n");
    }
    if (!anyExists) {
      return new RouteAction.DirectResponse(ERROR, "no backend of this route exists\n");
    }
    return new RouteAction.Forward(
        clusters,
        timeout,
        retry,
        rewrite,
        filters.host,
        filters.mirrors.stream()
            .flatMap(mirror ->
                destinations.cluster(mirror.backend(), from).stream()
                    .map(cluster -> new Mirror(cluster, mirror.percentage())))
            .toList(),
        Optional.empty());
  }

  /** Filters of a rule, sorted by what they change. */
  private record Filters(
      Headers headers,
      Optional<Filter.Redirect> redirect,
      Optional<Filter.Rewrite> rewrite,
      String host,
      List<Filter.Mirror> mirrors,
      Optional<Filter.Cors> cors,
      boolean unknown) {
    static Filters of(List<Filter> filters) {
      HeaderChanges request = HeaderChanges.NONE;
      HeaderChanges response = HeaderChanges.NONE;
      Optional<Filter.Redirect> redirect = Optional.empty();
      Optional<Filter.Rewrite> rewrite = Optional.empty();
      String host = "";
      List<Filter.Mirror> mirrors = new ArrayList<>();
      Optional<Filter.Cors> cors = Optional.empty();
      boolean unknown = false;
      for (Filter filter : filters) {
        switch (filter) {
          case Filter.RequestHeaders(HeaderEdits.Edits edits) -> {
            request = RouteParts.changes(edits);
            host = host.isEmpty() ? RouteParts.authority(edits) : host;
          }
          case Filter.ResponseHeaders(HeaderEdits.Edits edits) ->
              response = RouteParts.changes(edits);
          case Filter.Redirect found -> redirect = Optional.of(found);
          case Filter.Rewrite found -> {
            rewrite = Optional.of(found);
            host = found.hostname().isEmpty() ? host : found.hostname();
          }
          case Filter.Mirror mirror -> mirrors.add(mirror);
          case Filter.Cors found -> cors = Optional.of(found);
          case Filter.Unknown _ -> unknown = true;
        }
      }
      return new Filters(
          new Headers(request, response), redirect, rewrite, host, mirrors, cors, unknown);
    }

    Optional<HttpRoute.PathRewrite> path() {
      return redirect
          .flatMap(Filter.Redirect::path)
          .or(() -> rewrite.flatMap(Filter.Rewrite::path));
    }
  }
}
