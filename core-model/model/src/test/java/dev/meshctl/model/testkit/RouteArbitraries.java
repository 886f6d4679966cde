package dev.meshctl.model.testkit;

import dev.meshctl.model.xds.Labels;
import dev.meshctl.model.xds.Retry;
import dev.meshctl.model.xds.Retry.BackoffRange;
import dev.meshctl.model.xds.Retry.Elsewhere;
import dev.meshctl.model.xds.Retry.ResetHeader;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.FilterOverrides;
import dev.meshctl.model.xds.RouteTableConfig.RequireTls;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.Steering;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.Upgrades;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.route.CorsPolicy;
import dev.meshctl.model.xds.route.Fault;
import dev.meshctl.model.xds.route.HashPolicy;
import dev.meshctl.model.xds.route.Header;
import dev.meshctl.model.xds.route.HeaderChanges;
import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.HostFrom;
import dev.meshctl.model.xds.route.Mirror;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.PathRewrite;
import dev.meshctl.model.xds.route.QueryMatch;
import dev.meshctl.model.xds.route.RouteMatch;
import dev.meshctl.model.xds.route.Timeouts;
import dev.meshctl.model.xds.route.ValueMatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Any route table that xDS can say. */
public final class RouteArbitraries {
  private RouteArbitraries() {}

  public static Arbitrary<RouteTableConfig> tables() {
    return Combinators.combine(
            XdsArbitraries.names(),
            hosts().list().ofMaxSize(2),
            headers(),
            Arbitraries.of(true, false),
            overrides(),
            Arbitraries.of(true, false))
        .as(RouteTableConfig::new);
  }

  static Arbitrary<VirtualHost> hosts() {
    Arbitrary<String> domains = Arbitraries.of("*", "a.b", "*.c.d:80", "e.*");
    return Combinators.combine(
            XdsArbitraries.names(),
            domains.list().ofMinSize(1).uniqueElements(),
            routes().list().ofMaxSize(3),
            headers(),
            Arbitraries.of(RequireTls.class).optional(),
            overrides())
        .as(VirtualHost::new);
  }

  private static Arbitrary<Route> routes() {
    return Combinators.combine(XdsArbitraries.names(), matches(), actions(), headers(), overrides())
        .as(Route::new);
  }

  private static Arbitrary<RouteMatch> matches() {
    Arbitrary<PathMatch> paths =
        Arbitraries.oneOf(
            paths().map(PathMatch.Prefix::new),
            paths().map(PathMatch.Exact::new),
            paths().map(PathMatch.PathSeparatedPrefix::new),
            Arbitraries.of("/a.*", "/[0-9]+").map(PathMatch.Regex::new),
            Arbitraries.of(new PathMatch.Connect()));
    Arbitrary<QueryMatch> query =
        Combinators.combine(XdsArbitraries.names(), values()).as(QueryMatch::new);
    return Combinators.combine(
            paths,
            Arbitraries.of(true, false),
            headerMatches().list().ofMaxSize(2),
            query.list().ofMaxSize(2),
            Arbitraries.of(true, false),
            percentages().optional())
        .as(RouteMatch::new);
  }

  private static Arbitrary<String> paths() {
    return Arbitraries.of("/", "/a", "/a/b", "/%20");
  }

  static Arbitrary<HeaderMatch> headerMatches() {
    Arbitrary<ValueMatch> ranges =
        Combinators.combine(Arbitraries.longs(), Arbitraries.longs()).as(ValueMatch.Range::new);
    return Combinators.combine(
            Arbitraries.of("x-user", ":method", ":authority"),
            Arbitraries.oneOf(values(), ranges),
            Arbitraries.of(true, false),
            Arbitraries.of(true, false))
        .as(HeaderMatch::new);
  }

  private static Arbitrary<ValueMatch> values() {
    return Arbitraries.oneOf(texts(), Arbitraries.of(new ValueMatch.Present()));
  }

  static Arbitrary<ValueMatch> texts() {
    Arbitrary<String> text = Arbitraries.of("a", "b c", "%", "é");
    Arbitrary<ValueMatch> plain =
        Arbitraries.oneOf(
            text.map(ValueMatch.Exact::new),
            text.map(ValueMatch.Prefix::new),
            text.map(ValueMatch.Suffix::new),
            text.map(ValueMatch.Contains::new));
    return Arbitraries.oneOf(
        plain,
        plain.map(ValueMatch.IgnoringCase::new),
        Arbitraries.of("a+", ".*").map(ValueMatch.Regex::new));
  }

  private static Arbitrary<FilterOverrides> overrides() {
    var access =
        Arbitraries.maps(
                Arbitraries.of("envoy.filters.http.rbac", "second"), AccessArbitraries.ofRequests())
            .ofMaxSize(1);
    var cors =
        Arbitraries.maps(Arbitraries.of("envoy.filters.http.cors", "third"), corsPolicies())
            .ofMaxSize(1);
    return Combinators.combine(access, cors).as(FilterOverrides::new).withoutEdgeCases();
  }

  private static Arbitrary<CorsPolicy> corsPolicies() {
    Arbitrary<Boolean> flags = Arbitraries.of(true, false);
    Arbitrary<String> words = Arbitraries.of("", "GET,PUT", "x-a");
    return Combinators.combine(
            texts().list().ofMaxSize(2),
            words,
            words,
            words,
            Arbitraries.of("", "3600"),
            flags,
            flags,
            percentages().optional())
        .as(CorsPolicy::new);
  }

  private static Arbitrary<RouteAction> actions() {
    Arbitrary<RouteAction> redirects =
        Combinators.combine(
                Arbitraries.of("", "http", "https"),
                Arbitraries.of("", "a.example"),
                Arbitraries.integers().between(0, 65535),
                rewrites().optional(),
                Arbitraries.of(301, 302, 303, 307, 308),
                Arbitraries.of(true, false))
            .as(RouteAction.Redirect::new);
    Arbitrary<RouteAction> responses =
        Combinators.combine(
                Arbitraries.integers().between(200, 599), Arbitraries.of("", "no such book"))
            .as(RouteAction.DirectResponse::new);
    return Arbitraries.oneOf(forwards().map(f -> f), redirects, responses);
  }

  private static Arbitrary<PathRewrite> rewrites() {
    return Arbitraries.oneOf(
        paths().map(PathRewrite.Prefix::new),
        Arbitraries.of("/", "/a\\1", "/x/y").map(PathRewrite.Full::new),
        Combinators.combine(Arbitraries.of("^/v([0-9])", ".*"), Arbitraries.of("/\\0", "\\\\\\0"))
            .as(PathRewrite.Regex::new));
  }

  private static Arbitrary<RouteAction.Forward> forwards() {
    Arbitrary<WeightedCluster> clusters =
        Combinators.combine(
                XdsArbitraries.names(),
                Arbitraries.integers().between(0, 100),
                headers(),
                XdsArbitraries.labels())
            .as(WeightedCluster::new);
    Arbitrary<Mirror> mirrors =
        Combinators.combine(XdsArbitraries.names(), percentages(), Arbitraries.of(true, false))
            .as(Mirror::new);
    return Combinators.combine(
            clusters.list().ofMinSize(1).ofMaxSize(3),
            XdsArbitraries.durations(),
            retries().optional(),
            rewrites().optional(),
            Arbitraries.of("", "other.example"),
            mirrors.list().ofMaxSize(2),
            Combinators.combine(
                    faults().optional(),
                    hostFrom().optional(),
                    Arbitraries.of(true, false),
                    hashes().list().ofMaxSize(2),
                    timeouts(),
                    Combinators.combine(
                            Arbitraries.of(true, false),
                            Arbitraries.of(true, false),
                            Arbitraries.of(true, false),
                            Arbitraries.just(false),
                            Arbitraries.of(
                                Upgrades.NONE,
                                Upgrades.WEB_SOCKET,
                                new Upgrades(Set.of("a", "b"), Set.of("websocket"))))
                        .as(Steering::new))
                .as(Rest::new))
        .as((to, timeout, retry, rewrite, host, copies, rest) ->
            new RouteAction.Forward(
                to,
                timeout,
                retry,
                rewrite,
                rest.hostFrom.isPresent() ? "" : host,
                copies,
                rest.fault,
                rest.hostFrom,
                rest.append,
                rest.hash,
                rest.timeouts,
                rest.steering));
  }

  private record Rest(
      Optional<Fault> fault,
      Optional<HostFrom> hostFrom,
      boolean append,
      List<HashPolicy> hash,
      Timeouts timeouts,
      Steering steering) {}

  private static Arbitrary<HashPolicy> hashes() {
    Arbitrary<Boolean> terminal = Arbitraries.of(true, false);
    return Arbitraries.oneOf(
        terminal.map(last -> new HashPolicy.HeaderValue("x-user", last)),
        terminal.map(HashPolicy.SourceIp::new),
        terminal.map(last -> new HashPolicy.QueryParameter("id", last)),
        Combinators.combine(
                XdsArbitraries.durations().optional(), Arbitraries.of("", "/a"), terminal)
            .as((ttl, path, last) -> new HashPolicy.Cookie("c", ttl, path, last)));
  }

  private static Arbitrary<HostFrom> hostFrom() {
    return Arbitraries.of(
        new HostFrom.HeaderValue("x-host"),
        new HostFrom.PathRegex("^/(.*)$", "\\1.example"),
        new HostFrom.Upstream());
  }

  /** To the ten-thousandth of a percent, which is as fine as xDS goes. */
  private static Arbitrary<Double> percentages() {
    return Arbitraries.integers().between(0, 1_000_000).map(millionths -> millionths / 10_000.0);
  }

  private static Arbitrary<Retry> retries() {
    Arbitrary<List<String>> conditions =
        Arbitraries.of("connect-failure", "refused-stream", "5xx").list().uniqueElements();
    Arbitrary<List<String>> statuses = Arbitraries.of("429", "503").list().uniqueElements();
    return Combinators.combine(
            conditions, statuses, Arbitraries.integers().between(0, 10), XdsArbitraries.durations())
        .as((on, codes, attempts, timeout) -> {
          List<String> all = new ArrayList<>(on);
          all.addAll(codes);
          return new Retry(all, attempts, timeout);
        })
        .flatMap(RouteArbitraries::withRest);
  }

  private static Arbitrary<Retry> withRest(Retry retry) {
    Arbitrary<BackoffRange> ranges =
        Combinators.combine(
                Arbitraries.integers().between(1, 100), Arbitraries.integers().between(0, 1000))
            .as((base, more) ->
                new BackoffRange(Duration.ofMillis(base), Duration.ofMillis(base + more)));
    Arbitrary<ResetHeader> resets =
        Combinators.combine(Arbitraries.of("retry-after", "x-reset"), Arbitraries.of(true, false))
            .as(ResetHeader::new);
    return Combinators.combine(
            XdsArbitraries.durations(),
            ranges.optional(),
            resets.list().ofMaxSize(2),
            XdsArbitraries.durations(),
            headerMatches().list().ofMaxSize(1),
            headerMatches().list().ofMaxSize(1))
        .as((idle, range, headers, most, retriable, requests) ->
            new Retry(
                retry.retryOn(),
                retry.attempts(),
                retry.perTryTimeout(),
                idle,
                range,
                headers,
                headers.isEmpty() ? Duration.ZERO : most,
                retriable,
                requests))
        .flatMap(all -> elsewhere().map(all::going));
  }

  private static Arbitrary<Elsewhere> elsewhere() {
    Arbitrary<Labels> omitted =
        Arbitraries.oneOf(
            Arbitraries.just(Elsewhere.CANARY),
            XdsArbitraries.labels().filter(labels -> !labels.isEmpty()));
    return Combinators.combine(
            omitted.list().ofMaxSize(2), Arbitraries.integers().between(0, 1_000))
        .as(Elsewhere::new);
  }

  private static Arbitrary<Timeouts> timeouts() {
    Arbitrary<Optional<Duration>> times = XdsArbitraries.durations().optional();
    return Combinators.combine(times, times, times, times, XdsArbitraries.durations())
        .as(Timeouts::new)
        .withoutEdgeCases();
  }

  private static Arbitrary<Fault> faults() {
    Arbitrary<Fault> delays =
        Combinators.combine(percentages(), Arbitraries.integers().between(1, 10_000))
            .as((percent, millis) -> new Fault(percent, Duration.ofMillis(millis), 0, 0, -1));
    Arbitrary<Fault> http =
        Combinators.combine(percentages(), Arbitraries.integers().between(200, 599))
            .as((percent, status) -> new Fault(0, Duration.ZERO, percent, status, -1));
    Arbitrary<Fault> grpc =
        Combinators.combine(percentages(), Arbitraries.integers().between(0, 16))
            .as((percent, status) -> new Fault(0, Duration.ZERO, percent, 0, status));
    Arbitrary<Fault> byHeader =
        Combinators.combine(percentages(), percentages(), Arbitraries.integers().between(1, 9))
            .as((delay, abort, most) ->
                new Fault(delay, Duration.ZERO, abort, 0, -1, true, true, Optional.of(most)));
    return Arbitraries.oneOf(delays, http, grpc, byHeader);
  }

  private static Arbitrary<Headers> headers() {
    Arbitrary<Header> header =
        Combinators.combine(
                Arbitraries.of("x-a", "x-b"),
                Arbitraries.of("1", "100%", "%%", "a,b", "%PROTOCOL%", "%REQ(x)%%%"),
                Arbitraries.of(true, false))
            .as((name, value, keep) -> new Header(name, value, value.length() > 4, keep));
    Arbitrary<HeaderChanges> changes =
        Combinators.combine(
                header.list().ofMaxSize(2),
                header.list().ofMaxSize(2),
                header.list().ofMaxSize(1),
                header.list().ofMaxSize(1),
                Arbitraries.of("x-c", "x-d").list().uniqueElements())
            .as(HeaderChanges::new);
    return Combinators.combine(changes, changes).as(Headers::new);
  }
}
