package dev.meshctl.integration.differential;

import dev.meshctl.model.xds.Retry;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.FilterOverrides;
import dev.meshctl.model.xds.RouteTableConfig.RequireTls;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.route.CorsPolicy;
import dev.meshctl.model.xds.route.Header;
import dev.meshctl.model.xds.route.HeaderChanges;
import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.HostFrom;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.PathRewrite;
import dev.meshctl.model.xds.route.QueryMatch;
import dev.meshctl.model.xds.route.RouteMatch;
import dev.meshctl.model.xds.route.Timeouts;
import dev.meshctl.model.xds.route.ValueMatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** A route table drawn by dice over few names, so that routes and requests often meet. */
final class GeneratedTable {
  static final List<String> CLUSTERS = List.of("c0", "c1", "c2", "c3");

  /** The filter that routes give CORS policies to. */
  static final String CORS = "envoy.filters.http.cors";

  private static final List<String> DOMAINS =
      List.of(
          "a.example",
          "a.example:8080",
          "b.example",
          "*.example",
          "*.b.example",
          "*-x.example",
          "c.*",
          "c.d.*",
          "*");

  private static final List<String> REQUEST =
      List.of(
          "1",
          "100%%",
          "%REQ(x-user)%",
          "%REQ(x-none?x-a)%",
          "%PROTOCOL%",
          "%REQ(:PATH)%",
          "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
          "[%REQ(:METHOD)%]");

  /** Without the path, which Envoy rewrites for redirects too, and we do not. */
  private static final List<String> RESPONSE =
      List.of("1", "100%%", "%REQ(x-user)%", "%PROTOCOL%", "%RESP(x-c)%", "[%REQ(:METHOD)%]");

  private final SplittableRandom dice;

  private GeneratedTable(SplittableRandom dice) {
    this.dice = dice;
  }

  static RouteTableConfig of(String name, SplittableRandom dice) {
    return new GeneratedTable(dice).table(name);
  }

  private RouteTableConfig table(String name) {
    List<String> domains = new ArrayList<>(DOMAINS);
    Collections.shuffle(domains, new Random(dice.nextLong()));
    List<VirtualHost> hosts = new ArrayList<>();
    int at = 0;
    for (int i = 0; i < 4; i++) {
      int many = 1 + dice.nextInt(2);
      hosts.add(
          new VirtualHost(
              "h" + i,
              domains.subList(at, at + many),
              routes("h" + i),
              headers(5),
              rarely(12, () -> oneOf(RequireTls.ALL, RequireTls.EXTERNAL_ONLY)),
              FilterOverrides.NONE));
      at += many;
    }
    return new RouteTableConfig(
        name, hosts, headers(4), dice.nextBoolean(), FilterOverrides.NONE, dice.nextBoolean());
  }

  private List<Route> routes(String host) {
    List<Route> routes = new ArrayList<>();
    int many = 3 + dice.nextInt(5);
    for (int i = 0; i < many; i++) {
      RouteMatch match = match();
      RouteAction action = action(match);
      routes.add(
          new Route(
              host + "-r" + i,
              match,
              action,
              headers(3),
              action instanceof RouteAction.Forward ? overrides() : FilterOverrides.NONE));
    }
    return routes;
  }

  private FilterOverrides overrides() {
    return rarely(
            8,
            () ->
                new FilterOverrides(
                    Map.of(),
                    Map.of(
                        CORS,
                        new CorsPolicy(
                            List.of(
                                oneOf(
                                    new ValueMatch.Exact("1"),
                                    new ValueMatch.Prefix("a"),
                                    new ValueMatch.Regex("a.*|1"))),
                            oneOf("", "GET,PUT"),
                            oneOf("", "x-a"),
                            oneOf("", "x-b"),
                            oneOf("", "60"),
                            dice.nextBoolean(),
                            false,
                            Optional.empty()))))
        .orElse(FilterOverrides.NONE);
  }

  private RouteMatch match() {
    List<HeaderMatch> headers = new ArrayList<>();
    while (dice.nextInt(3) == 0) {
      headers.add(header());
    }
    List<QueryMatch> query = new ArrayList<>();
    if (dice.nextInt(5) == 0) {
      query.add(new QueryMatch(oneOf("q", "p"), oneOf(text("1"), new ValueMatch.Present())));
    }
    return new RouteMatch(
        path(), dice.nextInt(5) == 0, headers, query, dice.nextInt(15) == 0, Optional.empty());
  }

  private PathMatch path() {
    String path = oneOf("/", "/a", "/a/b", "/books", "/books/", "/A/b", "/a%20b");
    return switch (dice.nextInt(8)) {
      case 0, 1, 2 -> new PathMatch.Prefix(path);
      case 3, 4 -> new PathMatch.Exact(path);
      case 5 ->
          new PathMatch.PathSeparatedPrefix(
              path.length() > 1 && path.endsWith("/")
                  ? path.substring(0, path.length() - 1)
                  : path.equals("/") ? "/a" : path);
      default ->
          new PathMatch.Regex(
              oneOf(
                  "/[ab]+", "/books/[0-9]+", "/(a|books)/.*", "/a/?", "/.*\\.json", "/a/[^/]+/c"));
    };
  }

  private HeaderMatch header() {
    String name = oneOf("x-user", "x-a", "x-b", ":method", ":authority", ":path", "x-user");
    ValueMatch value =
        switch (name) {
          case ":method" -> new ValueMatch.Exact(oneOf("GET", "POST"));
          case ":authority" -> new ValueMatch.Suffix(oneOf(".example", "a.example"));
          case ":path" -> new ValueMatch.Prefix(oneOf("/a", "/books?"));
          default ->
              switch (dice.nextInt(8)) {
                case 0 -> new ValueMatch.Present();
                case 1 -> new ValueMatch.Range(dice.nextInt(-3, 3), dice.nextInt(4, 9));
                // Of a regex, Envoy refuses it: it has no effect.
                case 2 -> new ValueMatch.IgnoringCase(new ValueMatch.Contains(oneOf("joe", "1")));
                default -> text(oneOf("joe", "1", "a b"));
              };
        };
    return new HeaderMatch(name, value, dice.nextInt(4) == 0, dice.nextInt(8) == 0);
  }

  private ValueMatch text(String of) {
    return switch (dice.nextInt(5)) {
      case 0 -> new ValueMatch.Prefix(of);
      case 1 -> new ValueMatch.Suffix(of);
      case 2 -> new ValueMatch.Contains(of);
      case 3 -> new ValueMatch.Regex(oneOf("j.*", "[0-9]+", "(joe|jim)?"));
      default -> new ValueMatch.Exact(of);
    };
  }

  private RouteAction action(RouteMatch match) {
    return switch (dice.nextInt(10)) {
      case 0 -> new RouteAction.DirectResponse(oneOf(200, 404, 418, 503), oneOf("", "said so"));
      case 1, 2 ->
          new RouteAction.Redirect(
              oneOf("", "", "https"),
              oneOf("", "else.example"),
              oneOf(0, 0, 8443),
              rarely(2, () -> rewrite(match)),
              oneOf(301, 302, 303, 307, 308),
              dice.nextInt(3) == 0);
      default -> forward(match);
    };
  }

  private RouteAction forward(RouteMatch match) {
    List<WeightedCluster> to = new ArrayList<>();
    int many = dice.nextInt(4) == 0 ? 2 : 1;
    int first = dice.nextInt(CLUSTERS.size());
    for (int i = 0; i < many; i++) {
      to.add(
          new WeightedCluster(
              CLUSTERS.get((first + i) % CLUSTERS.size()),
              many == 1 ? 1 : 1 + dice.nextInt(9),
              many == 1 ? Headers.NONE : headers(3)));
    }
    Optional<HostFrom> from =
        rarely(
            8,
            () ->
                oneOf(
                    new HostFrom.HeaderValue("x-user"),
                    new HostFrom.PathRegex("^/([a-z]+).*$", "\\1.example")));
    return new RouteAction.Forward(
        to,
        Duration.ofSeconds(oneOf(0, 15)),
        rarely(6, () -> new Retry(List.of("5xx"), 1, Duration.ZERO)),
        rarely(3, () -> rewrite(match)),
        from.isPresent() ? "" : oneOf("", "", "", "new.example"),
        List.of(),
        Optional.empty(),
        from,
        dice.nextInt(5) == 0,
        List.of(),
        Timeouts.NONE);
  }

  private PathRewrite rewrite(RouteMatch match) {
    return switch (dice.nextInt(4)) {
      case 0 -> new PathRewrite.Full(oneOf("/", "/whole"));
      case 1 ->
          dice.nextBoolean()
              ? new PathRewrite.Regex("^/([a-z]+)", oneOf("/new/\\1", "/\\1\\0"))
              : new PathRewrite.Regex(oneOf("/b", "o+"), oneOf("/\\0\\0", "x"));
      default ->
          new PathRewrite.Prefix(
              match.path() instanceof PathMatch.PathSeparatedPrefix
                  ? oneOf("/new", "/a")
                  : oneOf("/", "/new", "/new/", "/a"));
    };
  }

  private Headers headers(int oneIn) {
    return dice.nextInt(oneIn) == 0
        ? new Headers(changes(REQUEST), changes(RESPONSE))
        : Headers.NONE;
  }

  private HeaderChanges changes(List<String> values) {
    return new HeaderChanges(some(values), some(values), some(values), some(values), remove());
  }

  private List<String> remove() {
    return dice.nextInt(3) == 0 ? List.of(oneOf("x-a", "x-b", "x-user", "x-c")) : List.of();
  }

  private List<Header> some(List<String> values) {
    if (dice.nextInt(3) != 0) {
      return List.of();
    }
    String value = values.get(dice.nextInt(values.size()));
    return List.of(
        new Header(oneOf("x-a", "x-b", "x-new"), value, value.contains("%"), dice.nextInt(4) == 0));
  }

  private <T> Optional<T> rarely(int oneIn, Supplier<T> what) {
    return dice.nextInt(oneIn) == 0 ? Optional.of(what.get()) : Optional.empty();
  }

  @SafeVarargs
  private final <T> T oneOf(T... all) {
    return all[dice.nextInt(all.length)];
  }
}
