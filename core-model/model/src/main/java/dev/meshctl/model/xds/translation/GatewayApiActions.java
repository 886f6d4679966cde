package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.BackendRef;
import dev.meshctl.model.resource.HeaderEdits;
import dev.meshctl.model.resource.HttpRoute;
import dev.meshctl.model.resource.HttpRoute.Filter;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.xds.RouteTableConfig.HeaderChanges;
import dev.meshctl.model.xds.RouteTableConfig.Headers;
import dev.meshctl.model.xds.RouteTableConfig.Mirror;
import dev.meshctl.model.xds.RouteTableConfig.PathMatch;
import dev.meshctl.model.xds.RouteTableConfig.PathRewrite;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.RouteMatch;
import dev.meshctl.model.xds.WeightedCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a rule of the Gateway API does with a request that it matched. */
final class GatewayApiActions {
  private static final int FOUND = 302;

  /** For a share of requests whose backend does not exist. */
  private static final int NO_BACKEND = 500;

  private final Destinations destinations;

  GatewayApiActions(Destinations destinations) {
    this.destinations = destinations;
  }

  /** A rule without filters. */
  Route route(String name, RouteMatch match, List<BackendRef> backends, MeshResource from) {
    return new Route(
        name,
        match,
        forward(backends, from, Duration.ZERO, Filters.NONE, Optional.empty()),
        Headers.NONE);
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
            .<RouteAction>map(redirect ->
                new RouteAction.Redirect(
                    redirect.scheme(),
                    redirect.hostname(),
                    redirect.port(),
                    rewrite,
                    redirect.statusCode() == 0 ? FOUND : redirect.statusCode()))
            .orElseGet(() ->
                forward(
                    rule.backends(),
                    from,
                    rule.requestTimeout().orElse(Duration.ZERO),
                    filters,
                    rewrite));
    return new Route(name, match, action, filters.headers);
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
                Headers.NONE));
      }
    }
    if (!anyExists) {
      return new RouteAction.DirectResponse(NO_BACKEND, "no backend of this route exists\n");
    }
    return new RouteAction.Forward(
        clusters,
        timeout,
        Optional.of(RouteParts.DEFAULT_RETRY),
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
      List<Filter.Mirror> mirrors) {
    static final Filters NONE =
        new Filters(Headers.NONE, Optional.empty(), Optional.empty(), "", List.of());

    static Filters of(List<Filter> filters) {
      HeaderChanges request = HeaderChanges.NONE;
      HeaderChanges response = HeaderChanges.NONE;
      Optional<Filter.Redirect> redirect = Optional.empty();
      Optional<Filter.Rewrite> rewrite = Optional.empty();
      String host = "";
      List<Filter.Mirror> mirrors = new ArrayList<>();
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
        }
      }
      return new Filters(new Headers(request, response), redirect, rewrite, host, mirrors);
    }

    Optional<HttpRoute.PathRewrite> path() {
      return redirect
          .flatMap(Filter.Redirect::path)
          .or(() -> rewrite.flatMap(Filter.Rewrite::path));
    }
  }
}
