package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.HeaderEdits;
import dev.meshctl.model.resource.StickyKey;
import dev.meshctl.model.resource.StringMatch;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.resource.VirtualService.HttpAction;
import dev.meshctl.model.resource.VirtualService.HttpMatch;
import dev.meshctl.model.resource.VirtualService.HttpRule;
import dev.meshctl.model.resource.VirtualService.Origin;
import dev.meshctl.model.resource.VirtualService.RouteDestination;
import dev.meshctl.model.xds.Retry;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.Steering;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.route.Fault;
import dev.meshctl.model.xds.route.HashPolicy;
import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.Mirror;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.PathRewrite;
import dev.meshctl.model.xds.route.RouteMatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** HTTP rules of a VirtualService to routes, in order: the first that matches wins. */
final class VirtualServiceRoutes {
  private static final int DEFAULT_REDIRECT = 301;

  private final Destinations destinations;

  VirtualServiceRoutes(Destinations destinations) {
    this.destinations = destinations;
  }

  List<Route> of(VirtualService virtualService, Client client) {
    String namespace = virtualService.metadata().namespace();
    List<Route> routes = new ArrayList<>();
    Optional<StickyKey> sticky = StickyKey.of(virtualService.metadata());
    for (int i = 0; i < virtualService.http().size(); i++) {
      HttpRule rule = virtualService.http().get(i);
      Origin origin = rule.origin().orElse(new Origin(virtualService.id(), "spec.http[" + i + "]"));
      String name =
          rule.name().isEmpty() ? virtualService.metadata().name() + "." + i : rule.name();
      if (rule.match().isEmpty()) {
        routes.add(
            stuck(route(name, RouteMatch.ANY, rule, namespace, client), sticky)
                .madeFrom(origin.resource(), origin.field()));
        // Nothing after it can be reached.
        return routes;
      }
      for (int j = 0; j < rule.match().size(); j++) {
        HttpMatch match = rule.match().get(j);
        if (client.mayMeet(match, namespace)) {
          String full = match.name().isEmpty() ? name : name + "." + match.name();
          routes.add(
              stuck(route(full, match(match), rule, namespace, client), sticky)
                  .madeFrom(
                      origin.resource(),
                      origin.resource().equals(virtualService.id())
                          ? origin.field() + ".match[" + j + "]"
                          : origin.field()));
        }
      }
    }
    return routes;
  }

  /** Where there is a choice, {@code sticky} makes it. */
  private static Route stuck(Route route, Optional<StickyKey> sticky) {
    if (sticky.isEmpty()
        || !(route.action() instanceof RouteAction.Forward forward)
        || forward.clusters().size() == 1) {
      return route;
    }
    HashPolicy key =
        switch (sticky.get()) {
          case StickyKey.Header(var name) -> new HashPolicy.HeaderValue(name, true);
          case StickyKey.Cookie(var name) ->
              new HashPolicy.Cookie(name, Optional.of(Duration.ZERO), "/", true);
        };
    return route.with(forward.hashedBy(key).steeredBy(Steering.sticky()));
  }

  private Route route(
      String name, RouteMatch match, HttpRule rule, String namespace, Client client) {
    RouteAction action =
        switch (rule.action()) {
          case HttpAction.Forward forward ->
              forward(forward, rule.headers(), namespace, client.port());
          case HttpAction.Redirect redirect ->
              new RouteAction.Redirect(
                  redirect.scheme(),
                  redirect.authority(),
                  redirect.port(),
                  redirect.uri().isEmpty()
                      ? Optional.empty()
                      : Optional.of(new PathRewrite.Full(redirect.uri())),
                  redirect.code() == 0 ? DEFAULT_REDIRECT : redirect.code());
          case HttpAction.DirectResponse(int status, String body) ->
              new RouteAction.DirectResponse(status, body);
        };
    return new Route(name, match, action, RouteParts.headers(rule.headers()));
  }

  static RouteMatch match(HttpMatch match) {
    List<HeaderMatch> headers = new ArrayList<>();
    match.method().ifPresent(m -> headers.add(pseudo(":method", m)));
    match.authority().ifPresent(m -> headers.add(pseudo(":authority", m)));
    match.scheme().ifPresent(m -> headers.add(pseudo(":scheme", m)));
    headers.addAll(RouteParts.headers(match.headers(), false));
    headers.addAll(RouteParts.headers(match.withoutHeaders(), true));
    return new RouteMatch(
        match.uri().map(VirtualServiceRoutes::path).orElse(new PathMatch.Prefix("/")),
        match.ignoreUriCase(),
        headers,
        RouteParts.query(match.queryParams()));
  }

  private static HeaderMatch pseudo(String name, StringMatch match) {
    return new HeaderMatch(name, RouteParts.value(match), false);
  }

  private static PathMatch path(StringMatch uri) {
    return switch (uri) {
      case StringMatch.Exact(var path) -> new PathMatch.Exact(path);
      case StringMatch.Prefix(var prefix) -> new PathMatch.Prefix(prefix);
      case StringMatch.Regex(var pattern) -> new PathMatch.Regex(pattern);
      case StringMatch.Present() -> new PathMatch.Prefix("/");
    };
  }

  private RouteAction forward(
      HttpAction.Forward forward, HeaderEdits edits, String namespace, int listenerPort) {
    List<WeightedCluster> clusters = clusters(forward.route(), namespace, listenerPort);
    return new RouteAction.Forward(
        clusters,
        forward.timeout().orElse(Duration.ZERO),
        forward.retries().map(VirtualServiceRoutes::retry).orElse(destinations.retry()),
        forward
            .rewrite()
            .map(VirtualService.Rewrite::uri)
            .filter(uri -> !uri.isEmpty())
            .map(PathRewrite.Prefix::new),
        forward
            .rewrite()
            .map(VirtualService.Rewrite::authority)
            .filter(authority -> !authority.isEmpty())
            .orElseGet(() -> authority(edits, forward.route())),
        forward.mirrors().stream()
            .map(mirror ->
                new Mirror(
                    destinations.cluster(mirror.destination(), namespace, listenerPort),
                    mirror.percentage()))
            .toList(),
        forward.fault().map(VirtualServiceRoutes::fault));
  }

  /** Where requests of a VirtualService go, by weight; a single one's may be left out. */
  List<WeightedCluster> clusters(List<RouteDestination> route, String namespace, int listenerPort) {
    return route.stream()
        .map(destination ->
            new WeightedCluster(
                destinations.cluster(destination.destination(), namespace, listenerPort),
                route.size() == 1 ? 1 : destination.weight(),
                RouteParts.headers(destination.headers())))
        .toList();
  }

  private static String authority(HeaderEdits edits, List<RouteDestination> route) {
    String ofRule = RouteParts.authority(edits.request());
    return ofRule.isEmpty() && route.size() == 1
        ? RouteParts.authority(route.getFirst().headers().request())
        : ofRule;
  }

  /** Empty where there are to be none. */
  static Optional<Retry> retry(VirtualService.Retries written) {
    if (written.attempts() <= 0) {
      return Optional.empty();
    }
    List<String> conditions =
        written.retryOn().isBlank()
            ? RouteParts.DEFAULT_RETRY.retryOn()
            : Arrays.stream(written.retryOn().split(","))
                .map(String::strip)
                .filter(condition -> !condition.isEmpty())
                .toList();
    return Optional.of(
        new Retry(conditions, written.attempts(), written.perTryTimeout().orElse(Duration.ZERO)));
  }

  private static Fault fault(VirtualService.Fault fault) {
    return new Fault(
        fault.delay().map(VirtualService.Delay::percentage).orElse(0.0),
        fault.delay().map(VirtualService.Delay::fixedDelay).orElse(Duration.ZERO),
        fault.abort().map(VirtualService.Abort::percentage).orElse(0.0),
        fault.abort().map(abort -> Math.max(0, abort.httpStatus())).orElse(0),
        fault.abort().map(VirtualService.Abort::grpcStatus).orElse(-1));
  }
}
