package dev.meshctl.model.explain;

import dev.meshctl.model.match.Bytes;
import dev.meshctl.model.match.CompiledRoutes;
import dev.meshctl.model.match.RequestView;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.QueryMatch;
import dev.meshctl.model.xds.route.RouteMatch;
import dev.meshctl.model.xds.route.ValueMatch;
import java.util.ArrayList;
import java.util.List;

/** Why a route does not take a request: each of its conditions, asked by itself. */
final class MatchWords {
  private static final PathMatch ANY_PATH = new PathMatch.Prefix("/");

  private MatchWords() {}

  /** Every condition of {@code match} that {@code request} does not meet. */
  static List<String> against(RouteMatch match, RequestView request) {
    List<String> unmet = new ArrayList<>();
    if (!meets(new RouteMatch(match.path(), match.ignoreCase(), List.of(), List.of()), request)) {
      unmet.add(
          match.path() instanceof PathMatch.Regex(var pattern)
              ? "path does not match the expression " + pattern
              : "path is not " + words(match.path()));
    }
    for (HeaderMatch header : match.headers()) {
      if (!meets(new RouteMatch(ANY_PATH, false, List.of(header), List.of()), request)) {
        Bytes value = request.header(header.name());
        unmet.add(
            name(header.name())
                + (value == null ? " is absent" : " is \"" + value + "\"")
                + " (wanted: "
                + (header.invert() ? "not " : "")
                + words(header.value())
                + ")");
      }
    }
    for (QueryMatch query : match.query()) {
      if (!meets(new RouteMatch(ANY_PATH, false, List.of(), List.of(query)), request)) {
        unmet.add("query parameter " + query.name() + " is not " + words(query.value()));
      }
    }
    if (unmet.isEmpty()) {
      unmet.add("it takes only a part of the requests, or only gRPC");
    }
    return unmet;
  }

  private static boolean meets(RouteMatch condition, RequestView request) {
    Route route = new Route("", condition, new RouteAction.DirectResponse(200, ""), Headers.NONE);
    RouteTableConfig table =
        new RouteTableConfig(
            "condition", List.of(new VirtualHost("any", List.of("*"), List.of(route))));
    return CompiledRoutes.of(table).find(request) != null;
  }

  private static String name(String header) {
    return switch (header) {
      case ":method" -> "method";
      case ":authority" -> "host";
      case ":scheme" -> "scheme";
      default -> "header " + header;
    };
  }

  private static String words(PathMatch path) {
    return switch (path) {
      case PathMatch.Exact(var exact) -> exact;
      case PathMatch.Prefix(var prefix) -> prefix + "*";
      case PathMatch.PathSeparatedPrefix(var prefix) -> prefix + " or below it";
      case PathMatch.Regex(var pattern) -> "a match of the expression " + pattern;
      case PathMatch.Connect() -> "that of a CONNECT";
    };
  }

  private static String words(ValueMatch value) {
    return switch (value) {
      case ValueMatch.Exact(var text) -> "\"" + text + "\"";
      case ValueMatch.Prefix(var text) -> "beginning with \"" + text + "\"";
      case ValueMatch.Suffix(var text) -> "ending in \"" + text + "\"";
      case ValueMatch.Contains(var text) -> "holding \"" + text + "\"";
      case ValueMatch.Regex(var pattern) -> "a match of the expression " + pattern;
      case ValueMatch.Present() -> "present";
      case ValueMatch.IgnoringCase(var of) -> words(of) + " in any case";
      case ValueMatch.Range(var first, var end) -> "from " + first + " to below " + end;
    };
  }
}
