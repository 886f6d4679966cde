package dev.meshctl.model.compare;

import dev.meshctl.model.explain.Percent;
import dev.meshctl.model.match.CompiledAction;
import dev.meshctl.model.match.CompiledRoute;
import dev.meshctl.model.match.CompiledRoutes;
import dev.meshctl.model.match.RequestView;
import dev.meshctl.model.xds.Retry;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.Steering;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.route.Fault;
import dev.meshctl.model.xds.route.Header;
import dev.meshctl.model.xds.route.HeaderChanges;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.HostFrom;
import dev.meshctl.model.xds.route.PathRewrite;
import dev.meshctl.model.xds.route.Timeouts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a route table makes of requests, in words. Thread: one. */
final class Fates {
  private final CompiledRoutes table;
  private final Targets targets;

  Fates(CompiledRoutes table, Targets targets) {
    this.table = table;
    this.targets = targets;
  }

  Fate of(RequestView request) {
    CompiledRoute route = table.find(request);
    if (route == null) {
      return Fate.of("answer", "404: no rule takes it");
    }
    Map<String, String> traits = new LinkedHashMap<>();
    Map<String, String> rules = new LinkedHashMap<>();
    switch (route.action()) {
      case CompiledAction.Redirect(var to, var status) -> {
        traits.put("answer", status + ", to " + to.location(request));
        rules.put("answer", route.config().action() + " of " + route.config().match().path());
      }
      case CompiledAction.Respond(var status, var body) ->
          traits.put("answer", status + (body.length() == 0 ? "" : ": " + body.toString().strip()));
      case CompiledAction.Forward compiled -> {
        RouteAction.Forward forward = (RouteAction.Forward) route.config().action();
        targets.describe(forward.clusters(), traits);
        rewrites(route, compiled, request, traits, rules);
        times(forward, traits);
        extras(forward, traits);
      }
    }
    headers(route, traits);
    filters(route, traits);
    return new Fate(traits, rules, route.config().origin());
  }

  private static void rewrites(
      CompiledRoute route,
      CompiledAction.Forward compiled,
      RequestView request,
      Map<String, String> traits,
      Map<String, String> rules) {
    RouteAction.Forward forward = (RouteAction.Forward) route.config().action();
    String path = request.path().toString();
    String newPath = compiled.rewrite().map(change -> change.apply(request.path())).orElse(path);
    traits.put("path", newPath.equals(path) ? "stays" : "becomes " + newPath);
    rules.put(
        "path",
        forward
            .rewrite()
            .map(rewrite -> rewrite + " of " + route.config().match().path())
            .orElse("stays"));
    String host = request.authority().toString();
    String newHost = compiled.host().authority(request);
    boolean stays = newHost.isEmpty() || newHost.equals(host);
    traits.put(
        "host",
        compiled.hostOfUpstream()
            ? "becomes that of the endpoint"
            : stays
                ? "stays"
                : "becomes "
                    + newHost
                    + (forward.appendForwardedHost() ? ", the old one told" : ""));
    rules.put("host", forward.hostFrom().map(Object::toString).orElse(forward.hostRewrite()));
  }

  private static void times(RouteAction.Forward forward, Map<String, String> traits) {
    traits.put("timeout", time(forward.timeout()));
    traits.put(
        "retries",
        forward
            .retry()
            .map(retry ->
                "%d on %s%s%s"
                    .formatted(
                        retry.attempts(),
                        String.join(", ", retry.retryOn()),
                        retry.perTryTimeout().isZero()
                            ? ""
                            : ", each within " + time(retry.perTryTimeout()),
                        rest(retry)))
            .orElse("none"));
    if (!forward.timeouts().equals(Timeouts.NONE)) {
      traits.put("other timeouts", forward.timeouts().toString());
    }
  }

  /** What is seldom set; empty where it is not. */
  private static String rest(Retry retry) {
    Retry plain = new Retry(retry.retryOn(), retry.attempts(), retry.perTryTimeout());
    return retry.equals(plain) ? "" : ", " + retry;
  }

  private static String time(Duration time) {
    return time.isZero() ? "none" : time.toMillis() + " ms";
  }

  private void extras(RouteAction.Forward forward, Map<String, String> traits) {
    if (!forward.mirrors().isEmpty()) {
      traits.put(
          "mirrors",
          forward.mirrors().stream()
              .map(mirror ->
                  Percent.of(mirror.percentage())
                      + " % to "
                      + targets.place(mirror.cluster())
                      + (mirror.keepsHost() ? ", host kept" : ""))
              .collect(Collectors.joining(", ")));
    }
    forward.fault().ifPresent(fault -> traits.put("fault", words(fault)));
    if (!forward.hash().isEmpty()) {
      traits.put("sticks by", forward.hash().toString());
    }
    if (!forward.steering().equals(Steering.NONE)) {
      traits.put("steering", forward.steering().toString());
    }
  }

  private static String words(Fault fault) {
    List<String> parts = new ArrayList<>();
    if (fault.delayPercentage() > 0) {
      parts.add(Percent.of(fault.delayPercentage()) + " % wait " + time(fault.delay()));
    }
    if (fault.abortPercentage() > 0) {
      parts.add(
          Percent.of(fault.abortPercentage())
              + " % are answered "
              + (fault.abortHttpStatus() != 0
                  ? fault.abortHttpStatus()
                  : "gRPC status " + fault.abortGrpcStatus()));
    }
    if (fault.delayByHeader() || fault.abortByHeader() || fault.mostActive().isPresent()) {
      parts.add(fault.toString());
    }
    return String.join(", ", parts);
  }

  /** Of route, virtual host and table together. */
  private void headers(CompiledRoute route, Map<String, String> traits) {
    List<Headers> levels =
        List.of(route.config().headers(), host(route).headers(), table.config().headers());
    put("request headers", levels, Headers::request, traits);
    put("response headers", levels, Headers::response, traits);
  }

  private void put(
      String trait,
      List<Headers> levels,
      Function<Headers, HeaderChanges> which,
      Map<String, String> traits) {
    List<Headers> ordered = table.config().mostSpecificHeadersWin() ? levels.reversed() : levels;
    String words =
        ordered.stream()
            .map(which)
            .filter(changes -> !changes.equals(HeaderChanges.NONE))
            .map(Fates::words)
            .collect(Collectors.joining(", then "));
    if (!words.isEmpty()) {
      traits.put(trait, words);
    }
  }

  private static String words(HeaderChanges changes) {
    List<String> parts = new ArrayList<>();
    changes.remove().forEach(name -> parts.add(name + " is removed"));
    put(parts, "set to", changes.set());
    put(parts, "added:", changes.add());
    put(parts, "where absent:", changes.addIfAbsent());
    put(parts, "where present:", changes.setIfPresent());
    return String.join(", ", parts);
  }

  private static void put(List<String> parts, String how, List<Header> headers) {
    for (Header header : headers) {
      parts.add(
          "%s %s \"%s\"%s"
              .formatted(
                  header.name(), how, header.value(), header.format() ? " (with operators)" : ""));
    }
  }

  private VirtualHost host(CompiledRoute route) {
    return table.config().hosts().stream()
        .filter(host -> host.name().equals(route.host()))
        .findFirst()
        .orElseThrow();
  }

  /** The most specific of the settings for filters wins. */
  private void filters(CompiledRoute route, Map<String, String> traits) {
    Map<String, Object> cors = new TreeMap<>(table.config().overrides().cors());
    Map<String, Object> access = new TreeMap<>(table.config().overrides().access());
    cors.putAll(host(route).overrides().cors());
    access.putAll(host(route).overrides().access());
    Route config = route.config();
    cors.putAll(config.overrides().cors());
    access.putAll(config.overrides().access());
    if (!cors.isEmpty()) {
      traits.put("cors", cors.toString());
    }
    if (!access.isEmpty()) {
      traits.put("policy of the route", access.toString());
    }
  }

  /** Every cluster that a table leads to. */
  static List<String> clusters(List<Route> routes) {
    List<String> names = new ArrayList<>();
    for (Route route : routes) {
      if (route.action() instanceof RouteAction.Forward forward) {
        forward.clusters().forEach(cluster -> names.add(cluster.cluster()));
        forward.mirrors().forEach(mirror -> names.add(mirror.cluster()));
      }
    }
    return names;
  }

  /** Expressions by which paths are rewritten or hosts taken from them. */
  static List<String> rewritingExpressions(List<Route> routes) {
    List<String> patterns = new ArrayList<>();
    for (Route route : routes) {
      Optional<PathRewrite> rewrite =
          switch (route.action()) {
            case RouteAction.Forward forward -> {
              if (forward.hostFrom().orElse(null)
                  instanceof HostFrom.PathRegex(var pattern, var text)) {
                patterns.add(pattern);
              }
              yield forward.rewrite();
            }
            case RouteAction.Redirect redirect -> redirect.path();
            case RouteAction.DirectResponse direct -> Optional.empty();
          };
      if (rewrite.orElse(null) instanceof PathRewrite.Regex(var pattern, var to)) {
        patterns.add(pattern);
      }
    }
    return patterns;
  }
}
