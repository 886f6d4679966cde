package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.GrpcRoute;
import dev.meshctl.model.resource.HttpRoute;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.StringMatch;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.QueryMatch;
import dev.meshctl.model.xds.route.RouteMatch;
import dev.meshctl.model.xds.route.ValueMatch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Rules of HTTPRoutes and GRPCRoutes of one host to routes, the most specific first, as the Gateway
 * API wants it ({@code HTTPRouteRule.matches}): exact path, longer path, method, more headers, more
 * query parameters, then the order of resources and rules.
 */
final class GatewayApiRoutes {
  private static final RouteMatch EVERYTHING = RouteMatch.ANY;

  private final GatewayApiActions actions;
  private final List<Ranked> ranked = new ArrayList<>();

  GatewayApiRoutes(Destinations destinations) {
    this.actions = new GatewayApiActions(destinations);
  }

  private record Ranked(Route route, int pathRank, int pathLength, int method) {}

  GatewayApiRoutes add(HttpRoute httpRoute) {
    for (int i = 0; i < httpRoute.rules().size(); i++) {
      HttpRoute.Rule rule = httpRoute.rules().get(i);
      String name = rule.name().isEmpty() ? httpRoute.metadata().name() + "." + i : rule.name();
      String field = "spec.rules[" + i + "]";
      if (rule.matches().isEmpty()) {
        add(actions.routes(name, EVERYTHING, rule, httpRoute), EVERYTHING, httpRoute, field);
      }
      for (int j = 0; j < rule.matches().size(); j++) {
        RouteMatch condition = match(rule.matches().get(j));
        add(
            actions.routes(name, condition, rule, httpRoute),
            condition,
            httpRoute,
            field + ".matches[" + j + "]");
      }
    }
    return this;
  }

  GatewayApiRoutes add(GrpcRoute grpcRoute) {
    for (int i = 0; i < grpcRoute.rules().size(); i++) {
      GrpcRoute.Rule rule = grpcRoute.rules().get(i);
      String name = rule.name().isEmpty() ? grpcRoute.metadata().name() + "." + i : rule.name();
      String field = "spec.rules[" + i + "]";
      if (rule.matches().isEmpty()) {
        add(
            List.of(actions.route(name, EVERYTHING, rule, grpcRoute)),
            EVERYTHING,
            grpcRoute,
            field);
      }
      for (int j = 0; j < rule.matches().size(); j++) {
        RouteMatch condition = match(rule.matches().get(j));
        add(
            List.of(actions.route(name, condition, rule, grpcRoute)),
            condition,
            grpcRoute,
            field + ".matches[" + j + "]");
      }
    }
    return this;
  }

  List<Route> sorted() {
    return ranked.stream()
        .sorted(
            Comparator.comparingInt(Ranked::pathRank)
                .thenComparing(Comparator.comparingInt(Ranked::pathLength).reversed())
                .thenComparing(Comparator.comparingInt(Ranked::method).reversed())
                .thenComparing(
                    Comparator.<Ranked>comparingInt(r -> r.route.match().headers().size())
                        .reversed())
                .thenComparing(
                    Comparator.<Ranked>comparingInt(r -> r.route.match().query().size())
                        .reversed()))
        .map(Ranked::route)
        .toList();
  }

  /** Routes of one match rank alike, by the condition that was written. */
  private void add(List<Route> routes, RouteMatch written, MeshResource from, String field) {
    int method =
        written.headers().stream().anyMatch(header -> header.name().equals(":method")) ? 1 : 0;
    for (Route route : routes) {
      ranked.add(
          new Ranked(
              route.madeFrom(from.id(), field),
              rank(written.path()),
              length(written.path()),
              method));
    }
  }

  private static int rank(PathMatch path) {
    return switch (path) {
      case PathMatch.Exact exact -> 0;
      case PathMatch.Prefix prefix -> 1;
      case PathMatch.PathSeparatedPrefix prefix -> 1;
      case PathMatch.Regex regex -> 2;
      case PathMatch.Connect connect -> 3;
    };
  }

  private static int length(PathMatch path) {
    return switch (path) {
      case PathMatch.Exact(var exact) -> exact.length();
      case PathMatch.Prefix(var prefix) -> prefix.length();
      case PathMatch.PathSeparatedPrefix(var prefix) -> prefix.length();
      case PathMatch.Regex(var pattern) -> pattern.length();
      case PathMatch.Connect() -> 0;
    };
  }

  private static RouteMatch match(HttpRoute.Match match) {
    List<HeaderMatch> headers = new ArrayList<>();
    if (!match.method().isEmpty()) {
      headers.add(new HeaderMatch(":method", new ValueMatch.Exact(match.method()), false));
    }
    headers.addAll(RouteParts.headers(match.headers(), false));
    List<QueryMatch> query = RouteParts.query(match.queryParams());
    return new RouteMatch(path(match.path()), false, headers, query);
  }

  private static PathMatch path(StringMatch path) {
    return switch (path) {
      case StringMatch.Exact(var exact) -> new PathMatch.Exact(exact);
      case StringMatch.Prefix(var prefix) -> elements(prefix);
      case StringMatch.Regex(var pattern) -> new PathMatch.Regex(pattern);
      case StringMatch.Present() -> new PathMatch.Prefix("/");
    };
  }

  private static PathMatch elements(String prefix) {
    String trimmed = prefix;
    while (trimmed.endsWith("/")) {
      trimmed = trimmed.substring(0, trimmed.length() - 1);
    }
    return trimmed.isEmpty()
        ? new PathMatch.Prefix("/")
        : new PathMatch.PathSeparatedPrefix(trimmed);
  }

  private static RouteMatch match(GrpcRoute.Match match) {
    String service = match.service();
    String method = match.method();
    PathMatch path;
    if (match.regex()) {
      path =
          new PathMatch.Regex(
              "/"
                  + (service.isEmpty() ? "[^/]+" : "(?:" + service + ")")
                  + "/"
                  + (method.isEmpty() ? "[^/]+" : "(?:" + method + ")"));
    } else if (!service.isEmpty() && !method.isEmpty()) {
      path = new PathMatch.Exact("/" + service + "/" + method);
    } else if (!service.isEmpty()) {
      path = new PathMatch.Prefix("/" + service + "/");
    } else if (!method.isEmpty()) {
      path = new PathMatch.Regex("/[^/]+/" + quote(method));
    } else {
      path = new PathMatch.Prefix("/");
    }
    return new RouteMatch(path, false, headers(match.headers()), List.of());
  }

  private static List<HeaderMatch> headers(Map<String, StringMatch> headers) {
    return RouteParts.headers(headers, false);
  }

  /** Method names are identifiers; a dot is the one character of them that RE2 knows. */
  private static String quote(String method) {
    return method.replace(".", "\\.");
  }
}
