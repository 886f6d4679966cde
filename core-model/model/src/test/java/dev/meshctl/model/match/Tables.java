package dev.meshctl.model.match;

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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Route tables and requests over few names, so that they often meet. */
final class Tables {
  private Tables() {}

  static RouteTableConfig table(VirtualHost... hosts) {
    return new RouteTableConfig("test", List.of(hosts));
  }

  static VirtualHost host(String domain, Route... routes) {
    return new VirtualHost(domain, List.of(domain), List.of(routes));
  }

  static Route route(String cluster, RouteMatch match) {
    return new Route(cluster, match, RouteAction.Forward.to(cluster), Headers.NONE);
  }

  static Route route(String cluster, PathMatch path) {
    return route(cluster, new RouteMatch(path, false, List.of(), List.of()));
  }

  static RouteMatch header(HeaderMatch... headers) {
    return new RouteMatch(new PathMatch.Prefix("/"), false, List.of(headers), List.of());
  }

  static RouteMatch query(QueryMatch... query) {
    return new RouteMatch(new PathMatch.Prefix("/"), false, List.of(), List.of(query));
  }

  static Arbitrary<RouteTableConfig> tables() {
    Arbitrary<List<Route>> routes = routes().list().ofMinSize(1).ofMaxSize(8);
    Arbitrary<VirtualHost> hosts =
        Combinators.combine(domains().list().ofMinSize(1).ofMaxSize(3), routes)
            .as((domains, own) -> new VirtualHost("", domains, own));
    return Combinators.combine(
            hosts.list().ofMinSize(2).ofMaxSize(6), Arbitraries.of(false, false, true))
        .as(Tables::withoutRepetition);
  }

  private static RouteTableConfig withoutRepetition(List<VirtualHost> hosts, boolean ignorePort) {
    Set<String> seen = new HashSet<>();
    List<VirtualHost> kept = new ArrayList<>();
    for (VirtualHost host : hosts) {
      List<String> domains = host.domains().stream().filter(seen::add).toList();
      if (!domains.isEmpty()) {
        kept.add(new VirtualHost("host" + kept.size(), domains, host.routes()));
      }
    }
    return ignorePort
        ? RouteTableConfig.ofAnyPort("test", kept)
        : new RouteTableConfig("test", kept);
  }

  private static Arbitrary<String> domains() {
    return Arbitraries.of(
        "a", "b.c", "a.b.c", "a:80", "b.c:81", "*", "*.c", "*.b.c", "*c", "*.c:81", "a.*", "a*",
        "b.*", "[::1]");
  }

  private static Arbitrary<Route> routes() {
    Arbitrary<RouteMatch> matches =
        Combinators.combine(
                pathMatches(),
                Arbitraries.of(true, false),
                rarely(headerMatches().list().ofSize(2), headerMatches().list().ofMaxSize(1)),
                rarely(queryMatches().list().ofSize(1), Arbitraries.just(List.of())))
            .as(RouteMatch::new);
    return matches.map(match -> route("cluster", match));
  }

  private static <T> Arbitrary<T> rarely(Arbitrary<T> rare, Arbitrary<T> usual) {
    return Arbitraries.frequencyOf(Tuple.of(1, rare), Tuple.of(3, usual));
  }

  private static Arbitrary<PathMatch> pathMatches() {
    return Arbitraries.oneOf(
        paths().map(PathMatch.Prefix::new),
        paths().map(PathMatch.Exact::new),
        paths().map(PathMatch.PathSeparatedPrefix::new),
        Arbitraries.of("/a.*", "/[ab]+", ".*b", "/(a|b)/?").map(PathMatch.Regex::new),
        Arbitraries.just(new PathMatch.Connect()));
  }

  private static Arbitrary<String> paths() {
    return Arbitraries.of(
        "/", "/a", "/A", "/ab", "/a/", "/a/b", "/a/B/", "/b", "/b/a", "/a/b/a", "/abab");
  }

  private static Arbitrary<HeaderMatch> headerMatches() {
    return Combinators.combine(
            Arbitraries.of("x", "y", ":method", ":authority", ":scheme", ":path"),
            valueMatches(),
            Arbitraries.of(true, false))
        .as(HeaderMatch::new);
  }

  private static Arbitrary<QueryMatch> queryMatches() {
    return Combinators.combine(Arbitraries.of("p", "q", ""), valueMatches()).as(QueryMatch::new);
  }

  private static Arbitrary<ValueMatch> valueMatches() {
    Arbitrary<String> values = Arbitraries.of("", "a", "b", "ab", "GET", "http");
    return Arbitraries.oneOf(
        values.map(ValueMatch.Exact::new),
        values.map(ValueMatch.Prefix::new),
        values.map(ValueMatch.Suffix::new),
        values.map(ValueMatch.Contains::new),
        Arbitraries.of("a*", "(a|b)+", "G.T").map(ValueMatch.Regex::new),
        Arbitraries.just(new ValueMatch.Present()));
  }

  static Arbitrary<TextRequest> requests() {
    Arbitrary<String> authorities =
        Arbitraries.of(
            "a",
            "A",
            "b.c",
            "a.b.c",
            "x.y.b.c",
            "c",
            ".c",
            "a:80",
            "b.c:81",
            "a.b.c:81",
            "ab",
            "z",
            "",
            ":80",
            "[::1]",
            "[::1]:80",
            "a:",
            "A.B.C:81");
    Arbitrary<String> queries =
        Arbitraries.of(
            "", "?", "?p=a", "?q=b&p=ab", "?p", "?p=&p=a", "?=a", "#p=a", "?p=a#b", "?xp=a&&q=ab");
    Arbitrary<String> targets =
        Combinators.combine(
                Arbitraries.oneOf(paths(), Arbitraries.of("", "/abc", "/B", "*", "/c")), queries)
            .as((path, query) -> path.isEmpty() ? "" : path + query);
    return Combinators.combine(
            Arbitraries.of("GET", "POST", "CONNECT"),
            Arbitraries.of("http", "https"),
            authorities,
            targets,
            Arbitraries.of("", "a", "ab", "b", "-"),
            Arbitraries.of("", "a", "GET", "-"))
        .as((method, scheme, authority, path, x, y) -> {
          TextRequest request = TextRequest.of(method, scheme, authority, path);
          request = x.equals("-") ? request : request.with("X", x);
          return y.equals("-") ? request : request.with("y", y);
        });
  }
}
