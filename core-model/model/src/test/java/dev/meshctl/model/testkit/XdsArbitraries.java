package dev.meshctl.model.testkit;

import dev.meshctl.model.xds.AccessLog;
import dev.meshctl.model.xds.BalancingOptions;
import dev.meshctl.model.xds.BalancingOptions.LatencyOptions;
import dev.meshctl.model.xds.BalancingOptions.SlowStart;
import dev.meshctl.model.xds.BalancingOptions.ZoneAware;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.ClusterConfig.HighPriority;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.ClusterConfig.OutlierDetection;
import dev.meshctl.model.xds.ClusterConfig.RetryBudget;
import dev.meshctl.model.xds.ClusterConfig.ServiceRef;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.DownstreamTls;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.FilterChain.ChainMatch;
import dev.meshctl.model.xds.FilterChain.Cidr;
import dev.meshctl.model.xds.HealthCheck;
import dev.meshctl.model.xds.HttpOptions;
import dev.meshctl.model.xds.Labels;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.NameTable;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.NetworkFilter.Codec;
import dev.meshctl.model.xds.NetworkFilter.ForwardClientCert;
import dev.meshctl.model.xds.NetworkFilter.HttpConnection;
import dev.meshctl.model.xds.NetworkFilter.HttpFilter;
import dev.meshctl.model.xds.NetworkFilter.Routes;
import dev.meshctl.model.xds.NetworkFilter.TcpProxy;
import dev.meshctl.model.xds.ProxyProtocol;
import dev.meshctl.model.xds.RuntimeOrder;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.SplitRouteTable;
import dev.meshctl.model.xds.SubsetOptions;
import dev.meshctl.model.xds.SubsetOptions.Fallback;
import dev.meshctl.model.xds.SubsetOptions.Localities;
import dev.meshctl.model.xds.SubsetOptions.Selector;
import dev.meshctl.model.xds.TlsParameters;
import dev.meshctl.model.xds.UpstreamOptions;
import dev.meshctl.model.xds.UpstreamTls;
import dev.meshctl.model.xds.VirtualHostConfig;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.route.Headers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Any xDS record that xDS can say (routes: {@link RouteArbitraries}). */
public final class XdsArbitraries {
  private XdsArbitraries() {}

  /** Any resource of any type. */
  public static Arbitrary<XdsResource> resources() {
    return Arbitraries.oneOf(
        listeners().map(r -> r),
        RouteArbitraries.tables().map(r -> r),
        RouteArbitraries.tables().map(SplitRouteTable::of),
        RouteArbitraries.hosts().map(host -> new VirtualHostConfig("80", host)),
        clusters().map(r -> r),
        assignments().map(r -> r),
        secrets().map(r -> r),
        nameTables().map(r -> r),
        runtimeOrders().map(r -> r));
  }

  static Arbitrary<String> names() {
    return Arbitraries.strings().withChars("abcxyz019-_|.").ofMinLength(1).ofMaxLength(12);
  }

  private static Arbitrary<String> namesOrNone() {
    return names().optional(0.8).map(name -> name.orElse(""));
  }

  /** Zero (off) to a day, to the nanosecond. */
  static Arbitrary<Duration> durations() {
    return Arbitraries.longs().between(0, Duration.ofDays(1).toNanos()).map(Duration::ofNanos);
  }

  private static Arbitrary<Duration> positiveDurations() {
    return durations().map(duration -> duration.plusNanos(1));
  }

  private static Arbitrary<SocketEndpoint> addresses() {
    return Combinators.combine(
            Arbitraries.of("10.0.0.1", "127.77.2.3", "::1", "0.0.0.0"),
            Arbitraries.integers().between(0, 65535))
        .as((address, port) -> new SocketEndpoint(address, port));
  }

  private static Arbitrary<SocketEndpoint> pipes() {
    return Arbitraries.of("/run/mesh/a.sock", "@mesh").map(path -> SocketEndpoint.pipe(path, 0));
  }

  private static Arbitrary<SocketEndpoint> addressesToListenAt() {
    return Arbitraries.oneOf(
        addresses(),
        pipes(),
        Arbitraries.integers()
            .between(0, 0777)
            .map(mode -> SocketEndpoint.pipe("/run/mesh/a.sock", mode)));
  }

  public static Arbitrary<SecretConfig> secrets() {
    return Combinators.combine(names(), Arbitraries.strings().ascii().ofMinLength(1))
        .as(SecretConfig::new);
  }

  public static Arbitrary<NameTable> nameTables() {
    return Arbitraries.maps(names(), Arbitraries.of("10.0.0.1", "::1").list().uniqueElements())
        .map(addresses -> new NameTable(NameTable.NAME, addresses));
  }

  public static Arbitrary<RuntimeOrder> runtimeOrders() {
    Arbitrary<RuntimeOrder.Target> bundles =
        Combinators.combine(
                names(),
                Arbitraries.strings().withChars("0123456789abcdef").ofLength(64),
                Arbitraries.of(true, false))
            .as(RuntimeOrder.Target.Bundle::new);
    Arbitrary<RuntimeOrder.Limits> limits =
        Combinators.combine(positiveDurations(), durations(), durations())
            .as(RuntimeOrder.Limits::new);
    return Combinators.combine(
            Arbitraries.longs().between(1, Long.MAX_VALUE),
            names(),
            Arbitraries.oneOf(bundles, names().map(RuntimeOrder.Target.Shipped::new)),
            limits)
        .as(RuntimeOrder::new);
  }

  public static Arbitrary<LoadAssignment> assignments() {
    return assignments(Arbitraries.oneOf(addresses(), pipes()));
  }

  private static Arbitrary<LoadAssignment> assignments(Arbitrary<SocketEndpoint> addresses) {
    return Combinators.combine(
            names(), groups(addresses).list().ofMaxSize(3), Arbitraries.integers().between(0, 300))
        .as(LoadAssignment::new);
  }

  private static Arbitrary<LocalityEndpoints> groups(Arbitrary<SocketEndpoint> addresses) {
    Arbitrary<Locality> localities =
        Combinators.combine(namesOrNone(), namesOrNone(), namesOrNone()).as(Locality::new);
    return Combinators.combine(
            localities,
            Arbitraries.integers().between(0, 3),
            Arbitraries.integers().between(0, 100),
            endpoints(addresses).list().ofMaxSize(4))
        .as(LocalityEndpoints::new);
  }

  private static Arbitrary<Endpoint> endpoints(Arbitrary<SocketEndpoint> addresses) {
    Arbitrary<WorkloadRef> workloads =
        Combinators.combine(namesOrNone(), namesOrNone(), namesOrNone(), namesOrNone())
            .as(WorkloadRef::new);
    return Combinators.combine(
            addresses,
            Arbitraries.of(Health.class),
            Arbitraries.integers().between(1, 1000),
            Arbitraries.of(true, false),
            workloads,
            Arbitraries.of("", "db.example"),
            labels())
        .as(Endpoint::new);
  }

  public static Arbitrary<ClusterConfig> clusters() {
    Arbitrary<ServiceRef> services =
        Combinators.combine(namesOrNone(), namesOrNone(), namesOrNone(), namesOrNone())
            .as(ServiceRef::new);
    return Combinators.combine(
            Combinators.combine(names(), discoveries(), Arbitraries.of(LoadBalancing.class))
                .as(Balanced::new),
            positiveDurations(),
            transports(),
            Arbitraries.of(UpstreamProtocol.class),
            breakers(),
            outliers().optional(),
            services,
            Combinators.combine(balancing(), checks().optional(), OptionArbitraries.upstream())
                .as(Tuned::new))
        .as((balanced, connect, transport, protocol, breakers, outliers, service, tuned) ->
            new ClusterConfig(
                balanced.name,
                balanced.discovery,
                connect,
                // Nothing is balanced over original destinations.
                balanced.discovery instanceof Discovery.OriginalDestination
                    ? LoadBalancing.LEAST_REQUEST
                    : balanced.balancing,
                transport,
                protocol,
                breakers,
                outliers,
                service,
                sayable(
                    tuned.options,
                    balanced.discovery instanceof Discovery.OriginalDestination
                        ? LoadBalancing.RANDOM
                        : balanced.balancing),
                tuned.check,
                sayable(tuned.upstream, transport, protocol)));
  }

  private static UpstreamOptions sayable(
      UpstreamOptions any, Transport transport, UpstreamProtocol protocol) {
    UpstreamOptions spoken =
        protocol == UpstreamProtocol.HTTP1 ? OptionArbitraries.withoutHttp2(any) : any;
    return transport instanceof Transport.Auto ? OptionArbitraries.withoutHeader(spoken) : spoken;
  }

  private record Tuned(
      BalancingOptions options, Optional<HealthCheck> check, UpstreamOptions upstream) {}

  private static Arbitrary<HealthCheck> checks() {
    Arbitrary<HealthCheck.Statuses> statuses =
        Combinators.combine(
                Arbitraries.integers().between(100, 400), Arbitraries.integers().between(1, 200))
            .as((first, count) -> new HealthCheck.Statuses(first, first + count));
    Arbitrary<HealthCheck.Check> http =
        Combinators.combine(
                namesOrNone(),
                Arbitraries.of("/", "/healthz?x"),
                statuses.list().ofMaxSize(2),
                Arbitraries.of(true, false))
            .as(HealthCheck.Check.Http::new);
    Arbitrary<HealthCheck.Check> grpc =
        Combinators.combine(namesOrNone(), namesOrNone()).as(HealthCheck.Check.Grpc::new);
    return Combinators.combine(
            positiveDurations(),
            positiveDurations(),
            durations(),
            Arbitraries.integers().between(1, 9),
            Arbitraries.integers().between(1, 9),
            Arbitraries.oneOf(http, grpc, Arbitraries.of(new HealthCheck.Check.Tcp())))
        .as(HealthCheck::new);
  }

  private static Arbitrary<BalancingOptions> balancing() {
    Arbitrary<SlowStart> starts =
        Combinators.combine(
                positiveDurations(),
                Arbitraries.of(0.5, 1.0, 2.0),
                Arbitraries.integers().between(0, 100))
            .as(SlowStart::new);
    Arbitrary<ZoneAware> zones =
        Combinators.combine(
                Arbitraries.integers().between(0, 100),
                Arbitraries.integers().between(0, 20),
                Arbitraries.of(true, false))
            .as(ZoneAware::new);
    Arbitrary<Optional<LatencyOptions>> latency =
        Combinators.combine(positiveDurations(), positiveDurations(), Arbitraries.of(0.0, 0.5, 1e6))
            .as(LatencyOptions::new)
            .optional();
    return Combinators.combine(
            Arbitraries.integers().between(2, 9),
            Arbitraries.integers().between(1, 4096),
            Arbitraries.integers().between(4096, BalancingOptions.MOST_RING_SIZE),
            Arbitraries.of(2, 251, 65_537),
            Arbitraries.integers().between(0, 100).map(Integer::doubleValue),
            Arbitraries.of(true, false),
            Combinators.combine(starts.optional(), zones.optional(), subsets().optional(), latency)
                .as(Rest::new))
        .as((choices, least, most, table, panic, weighted, rest) ->
            new BalancingOptions(
                choices,
                least,
                most,
                table,
                panic,
                weighted && rest.zones.isEmpty(),
                rest.start,
                rest.zones,
                rest.subsets,
                rest.latency));
  }

  private record Rest(
      Optional<SlowStart> start,
      Optional<ZoneAware> zones,
      Optional<SubsetOptions> subsets,
      Optional<LatencyOptions> latency) {}

  /** What endpoints have and routes ask for. */
  static Arbitrary<Labels> labels() {
    Arbitrary<Labels.Value> simple =
        Arbitraries.of(
            new Labels.Value.Text("v1"),
            new Labels.Value.Text("1"),
            new Labels.Value.Number(1),
            new Labels.Value.Flag(true));
    Arbitrary<Labels.Value> values =
        Arbitraries.oneOf(simple, simple.list().ofMaxSize(2).map(Labels.Value.Several::new));
    return Arbitraries.maps(Arbitraries.of("version", "stage"), values).map(Labels::new);
  }

  private static Arbitrary<SubsetOptions> subsets() {
    Arbitrary<Fallback> fallbacks =
        Arbitraries.of(
            new Fallback.None(), new Fallback.AnyEndpoint(), new Fallback.DefaultSubset());
    Arbitrary<Selector> several =
        Arbitraries.oneOf(fallbacks, Arbitraries.of(new Fallback.FewerKeys(Set.of("version"))))
            .optional()
            .map(fallback -> new Selector(Set.of("version", "stage"), fallback, false));
    Arbitrary<Selector> single =
        Combinators.combine(fallbacks.optional(), Arbitraries.of(true, false))
            .as((fallback, alone) -> new Selector(Set.of("version"), fallback, alone));
    return Combinators.combine(
            fallbacks,
            labels(),
            Arbitraries.oneOf(several, single).list().ofMaxSize(2),
            Arbitraries.of(Localities.class),
            Arbitraries.of(true, false),
            Arbitraries.of(true, false))
        .as(SubsetOptions::new);
  }

  /** What is not of {@code policy} is not said, and reads back as the default. */
  private static BalancingOptions sayable(BalancingOptions any, LoadBalancing policy) {
    BalancingOptions none = BalancingOptions.DEFAULT;
    boolean ring = policy == LoadBalancing.RING_HASH;
    boolean slow = policy == LoadBalancing.LEAST_REQUEST || policy == LoadBalancing.ROUND_ROBIN;
    return new BalancingOptions(
        policy == LoadBalancing.LEAST_REQUEST ? any.choiceCount() : none.choiceCount(),
        ring ? any.minRingSize() : none.minRingSize(),
        ring ? any.maxRingSize() : none.maxRingSize(),
        policy == LoadBalancing.MAGLEV ? any.maglevTableSize() : none.maglevTableSize(),
        any.panicPercent(),
        any.localityWeighted(),
        slow ? any.slowStart() : none.slowStart(),
        any.zoneAware(),
        any.subsets(),
        policy == LoadBalancing.PEAK_EWMA
            ? Optional.of(any.latency().orElse(LatencyOptions.DEFAULT))
            : none.latency());
  }

  private record Balanced(String name, Discovery discovery, LoadBalancing balancing) {}

  private static Arbitrary<Discovery> discoveries() {
    return Arbitraries.oneOf(
        names().map(Discovery.Eds::new),
        assignments().map(Discovery.Static::new),
        assignments(addresses()).map(Discovery.StrictDns::new),
        Arbitraries.of(new Discovery.OriginalDestination()));
  }

  private static Arbitrary<Transport> transports() {
    return Arbitraries.oneOf(
        Arbitraries.of(new Transport.Plaintext()),
        upstreamTls().map(Transport.Tls::new),
        upstreamTls().map(Transport.Auto::new));
  }

  private static Arbitrary<UpstreamTls> upstreamTls() {
    return Combinators.combine(
            Arbitraries.of("", "default", "other"),
            Arbitraries.of("", "ROOTCA"),
            namesOrNone(),
            alpn(),
            sans(),
            tlsParameters())
        .as((own, trust, sni, alpn, sans, parameters) ->
            new UpstreamTls(own, trust, sni, alpn, sans, parameters, false));
  }

  private static Arbitrary<TlsParameters> tlsParameters() {
    return Combinators.combine(
            Arbitraries.of(
                List.of(TlsParameters.Version.TLS_1_2, TlsParameters.Version.TLS_1_3),
                List.of(TlsParameters.Version.TLS_1_2, TlsParameters.Version.TLS_1_2),
                List.of(TlsParameters.Version.TLS_1_3, TlsParameters.Version.TLS_1_3)),
            Arbitraries.of(
                    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256")
                .list()
                .uniqueElements(),
            Arbitraries.of("X25519", "P-256").list().uniqueElements())
        .as((versions, ciphers, curves) ->
            new TlsParameters(versions.getFirst(), versions.getLast(), ciphers, curves));
  }

  private static Arbitrary<List<String>> alpn() {
    return Arbitraries.of("istio", "h2", "http/1.1").list().uniqueElements();
  }

  private static Arbitrary<List<String>> sans() {
    return Arbitraries.of("spiffe://cluster.local/ns/a/sa/b", "spiffe://td/ns/c/sa/d", "a.example")
        .list()
        .uniqueElements();
  }

  private static Arbitrary<CircuitBreakers> breakers() {
    Arbitrary<Integer> limits = Arbitraries.integers().between(0, Integer.MAX_VALUE);
    Arbitrary<RetryBudget> budgets =
        Combinators.combine(
                Arbitraries.integers().between(0, 100).map(Integer::doubleValue), limits)
            .as(RetryBudget::new);
    Arbitrary<HighPriority> high =
        Combinators.combine(limits, limits, limits, limits, budgets.optional())
            .as(HighPriority::new);
    return Combinators.combine(
            limits, limits, limits, limits, budgets.optional(), high.optional(), limits)
        .as(CircuitBreakers::new);
  }

  private record Rates(
      ClusterConfig.SuccessRate success, ClusterConfig.FailurePercentage failure) {}

  private static Arbitrary<OutlierDetection> outliers() {
    Arbitrary<Integer> counts = Arbitraries.integers().between(0, 20);
    return Combinators.combine(
            counts,
            counts,
            positiveDurations(),
            positiveDurations(),
            Arbitraries.integers().between(0, 100),
            positiveDurations(),
            Combinators.combine(Arbitraries.of(true, false), counts)
                .as(ClusterConfig.LocalOrigin::new),
            Combinators.combine(
                    Combinators.combine(
                            Arbitraries.integers().between(0, 100), counts, counts, counts)
                        .as(ClusterConfig.SuccessRate::new),
                    Combinators.combine(
                            Arbitraries.integers().between(0, 100), counts, counts, counts)
                        .as(ClusterConfig.FailurePercentage::new))
                .as(Rates::new))
        .as((on5xx, onGateway, interval, base, most, longest, local, rates) ->
            new OutlierDetection(
                on5xx,
                onGateway,
                interval,
                base,
                most,
                longest,
                local,
                rates.success,
                rates.failure,
                new ClusterConfig.Enforcing(
                    on5xx > 0 ? 1 + on5xx * 3 : 100,
                    onGateway > 0 ? 1 + onGateway * 4 : 100,
                    local.consecutive() > 0 ? 1 + local.consecutive() : 100)));
  }

  public static Arbitrary<ListenerConfig> listeners() {
    Arbitrary<Boolean> flags = Arbitraries.of(true, false);
    return Combinators.combine(
            Combinators.combine(
                    names(),
                    Arbitraries.of(Direction.class),
                    addressesToListenAt(),
                    OptionArbitraries.sizes(),
                    proxyProtocols().optional(),
                    flags,
                    LogArbitraries.logs())
                .as(Place::new),
            flags,
            flags,
            flags,
            durations(),
            chains().list().ofMaxSize(3),
            chains().optional())
        .as((place, bind, original, detect, timeout, chains, last) ->
            new ListenerConfig(
                place.name,
                place.direction,
                place.address,
                bind || place.address.isPipe(),
                original,
                detect,
                timeout,
                chains,
                last,
                place.bufferBytes,
                place.proxyProtocol,
                // What waits for nothing cannot be late.
                place.strict && (detect || place.proxyProtocol.isPresent()),
                place.logs));
  }

  private static Arbitrary<ProxyProtocol> proxyProtocols() {
    Arbitrary<Boolean> flags = Arbitraries.of(true, false);
    return Combinators.combine(flags, flags, flags).as(ProxyProtocol::new);
  }

  private record Place(
      String name,
      Direction direction,
      SocketEndpoint address,
      int bufferBytes,
      Optional<ProxyProtocol> proxyProtocol,
      boolean strict,
      List<AccessLog> logs) {}

  private static Arbitrary<FilterChain> chains() {
    return Combinators.combine(
            names(),
            matches(),
            downstreamTls().optional(),
            AccessArbitraries.ofConnections().list().ofMaxSize(1),
            filters(),
            OptionArbitraries.connectionLimits().optional())
        .as(FilterChain::new);
  }

  private static Arbitrary<ChainMatch> matches() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 65535),
            Arbitraries.of(new Cidr("10.0.0.0", 8), new Cidr("::", 0)).list().uniqueElements(),
            Arbitraries.of("a.example", "*.b.example").list().uniqueElements(),
            Arbitraries.of(FilterChain.Transport.class),
            alpn(),
            Arbitraries.of(new Cidr("10.244.0.0", 16), new Cidr("fd00::", 8))
                .list()
                .uniqueElements())
        .as(ChainMatch::new);
  }

  private static Arbitrary<DownstreamTls> downstreamTls() {
    Arbitrary<DownstreamTls> mutual =
        Combinators.combine(
                Arbitraries.of("default", "other"), Arbitraries.of(true, false), alpn(), sans())
            .as((own, required, alpn, sans) ->
                new DownstreamTls(own, "ROOTCA", required, alpn, sans));
    Arbitrary<Boolean> flags = Arbitraries.of(true, false);
    Arbitrary<DownstreamTls> simple =
        alpn().map(alpn -> new DownstreamTls("default", "", false, alpn, List.of()));
    return Combinators.combine(Arbitraries.oneOf(mutual, simple), tlsParameters(), flags, flags)
        .as((tls, parameters, withoutTickets, withoutSessions) ->
            new DownstreamTls(
                tls.certificateSecret(),
                tls.trustSecret(),
                tls.requireClientCertificate(),
                tls.alpn(),
                tls.clientSans(),
                parameters,
                withoutTickets,
                withoutSessions));
  }

  private static Arbitrary<NetworkFilter> filters() {
    return Arbitraries.oneOf(http().map(f -> f), tcp().map(f -> f));
  }

  private static Arbitrary<TcpProxy> tcp() {
    Arbitrary<WeightedCluster> clusters =
        Combinators.combine(names(), Arbitraries.integers().between(1, 100), labels())
            .as((name, weight, subset) -> new WeightedCluster(name, weight, Headers.NONE, subset));
    return Combinators.combine(
            names(),
            clusters.list().ofMinSize(1).ofMaxSize(3),
            durations(),
            LogArbitraries.logs(),
            Arbitraries.of(true, false))
        .as(TcpProxy::new);
  }

  private static Arbitrary<HttpConnection> http() {
    Arbitrary<Routes> routes =
        Arbitraries.oneOf(
            names().map(Routes.Named::new), RouteArbitraries.tables().map(Routes.Inline::new));
    Arbitrary<List<HttpFilter>> filters =
        Arbitraries.oneOf(
                names().map(name -> (HttpFilter) new HttpFilter.Cors(name)),
                names().map(name -> (HttpFilter) new HttpFilter.GrpcWeb(name)),
                Arbitraries.of(new HttpFilter.Fault()).map(f -> (HttpFilter) f),
                OptionArbitraries.shedding(),
                Combinators.combine(names(), AccessArbitraries.ofRequests())
                    .as((name, control) -> (HttpFilter) new HttpFilter.Access(name, control)))
            .list()
            .ofMaxSize(2);
    return Combinators.combine(
            Combinators.combine(
                    names(),
                    Arbitraries.of(Codec.class),
                    durations(),
                    durations(),
                    OptionArbitraries.http())
                .as(Spoken::new),
            routes,
            filters,
            durations(),
            durations(),
            durations(),
            LogArbitraries.logs(),
            Arbitraries.of(ForwardClientCert.class))
        .as((spoken, where, before, streamIdle, request, idle, log, forward) ->
            new HttpConnection(
                spoken.statPrefix,
                spoken.codec,
                where,
                before,
                streamIdle,
                request,
                idle,
                log,
                forward,
                spoken.maxStream,
                spoken.maxConnection,
                spoken.options));
  }

  private record Spoken(
      String statPrefix,
      Codec codec,
      Duration maxStream,
      Duration maxConnection,
      HttpOptions options) {}
}
