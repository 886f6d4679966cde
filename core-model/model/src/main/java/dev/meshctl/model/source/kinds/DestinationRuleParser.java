package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.resource.DestinationRule.ConsistentHash;
import dev.meshctl.model.resource.DestinationRule.H2Upgrade;
import dev.meshctl.model.resource.DestinationRule.HashKey;
import dev.meshctl.model.resource.DestinationRule.Keepalive;
import dev.meshctl.model.resource.DestinationRule.LoadBalancer;
import dev.meshctl.model.resource.DestinationRule.TlsMode;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.validation.DiagnosticCode;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code networking.istio.io/DestinationRule}. */
final class DestinationRuleParser {
  private static final Map<String, LoadBalancer> SIMPLE = new LinkedHashMap<>();
  private static final Map<String, H2Upgrade> UPGRADES = new LinkedHashMap<>();
  private static final Map<String, TlsMode> TLS_MODES = new LinkedHashMap<>();

  static {
    for (LoadBalancer algorithm : LoadBalancer.values()) {
      SIMPLE.put(algorithm.name(), algorithm);
    }
    // The deprecated name means the same since Istio 1.14.
    SIMPLE.put("LEAST_CONN", LoadBalancer.LEAST_REQUEST);
    for (H2Upgrade policy : H2Upgrade.values()) {
      UPGRADES.put(policy.name(), policy);
    }
    for (TlsMode mode : TlsMode.values()) {
      TLS_MODES.put(mode.name(), mode);
    }
  }

  /** The kernel's bound. */
  private static final int MOST_PROBES = 127;

  private static final int MOST_RING_SIZE = 8 * 1024 * 1024;
  private static final int MOST_TABLE_SIZE = 5_000_011;

  private DestinationRuleParser() {}

  static DestinationRule parse(Metadata metadata, YamlObject root) {
    Optional<YamlObject> written = root.requiredObject("spec");
    if (written.isEmpty()) {
      return new DestinationRule(metadata, "", Optional.empty(), List.of(), List.of());
    }
    YamlObject spec = written.get();
    String host = spec.requiredText("host");
    Names.checkHost(spec, "host", host);
    return new DestinationRule(
        metadata,
        host,
        spec.object("trafficPolicy").map(DestinationRuleParser::policy),
        spec.objects("subsets").stream().map(DestinationRuleParser::subset).toList(),
        spec.texts("exportTo"),
        Shared.matchLabels(spec, "workloadSelector"));
  }

  private static DestinationRule.Subset subset(YamlObject subset) {
    String name = subset.requiredText("name");
    Names.checkLabel(subset, "name", name);
    return new DestinationRule.Subset(
        name,
        subset.textMap("labels"),
        subset.object("trafficPolicy").map(DestinationRuleParser::policy));
  }

  private static DestinationRule.TrafficPolicy policy(YamlObject policy) {
    policy.notApplied("tunnel", "proxyProtocol", "retryBudget");
    Map<Integer, DestinationRule.TrafficPolicy> ports = new LinkedHashMap<>();
    for (YamlObject port : policy.objects("portLevelSettings")) {
      if (!port.has("port")) {
        port.missing("port");
      }
      ports.putIfAbsent(Shared.portNumber(port, "port"), level(port, Map.of()));
    }
    return level(policy, ports);
  }

  private static DestinationRule.TrafficPolicy level(
      YamlObject policy, Map<Integer, DestinationRule.TrafficPolicy> ports) {
    Optional<YamlObject> balancer = policy.object("loadBalancer");
    return new DestinationRule.TrafficPolicy(
        balancer.flatMap(DestinationRuleParser::loadBalancer),
        policy.object("connectionPool").map(DestinationRuleParser::connectionPool),
        policy.object("outlierDetection").map(DestinationRuleParser::outlierDetection),
        policy.object("tls").flatMap(DestinationRuleParser::tls),
        balancer
            .flatMap(written -> written.object("consistentHash"))
            .flatMap(DestinationRuleParser::consistentHash),
        balancer.flatMap(DestinationRuleParser::warmup),
        balancer
            .flatMap(written -> written.object("localityLbSetting"))
            .map(LocalityLbReader::read),
        ports);
  }

  private static Optional<LoadBalancer> loadBalancer(YamlObject balancer) {
    return balancer.word("simple", SIMPLE);
  }

  private static Optional<Duration> warmup(YamlObject balancer) {
    Optional<Duration> older = Durations.istio(balancer, "warmupDurationSecs");
    return balancer
        .object("warmup")
        .flatMap(warmup -> {
          warmup.notApplied("minimumPercent", "aggression");
          return Durations.istio(warmup, "duration");
        })
        .or(() -> older);
  }

  private static Optional<ConsistentHash> consistentHash(YamlObject hash) {
    List<HashKey> keys = new ArrayList<>();
    hash.text("httpHeaderName").map(HashKey.Header::new).ifPresent(keys::add);
    hash.object("httpCookie").map(DestinationRuleParser::cookie).ifPresent(keys::add);
    if (hash.flag("useSourceIp").orElse(false)) {
      keys.add(new HashKey.SourceIp());
    }
    hash.text("httpQueryParameterName").map(HashKey.Query::new).ifPresent(keys::add);
    int older = hash.number("minimumRingSize", 1, MOST_RING_SIZE).orElse(0);
    int ring =
        hash.object("ringHash")
            .flatMap(ringHash -> ringHash.number("minimumRingSize", 1, MOST_RING_SIZE))
            .orElse(older > 0 ? older : ConsistentHash.DEFAULT_RING_SIZE);
    int table =
        hash.object("maglev")
            .map(maglev -> maglev.number("tableSize", 2, MOST_TABLE_SIZE).orElse(65_537))
            .orElse(0);
    if (table > 0 && !BigInteger.valueOf(table).isProbablePrime(50)) {
      hash.report(
          DiagnosticCode.OUT_OF_RANGE,
          "maglev",
          "tableSize: " + table + " (expected: a prime number)");
      return Optional.empty();
    }
    if (keys.size() != 1) {
      hash.report(
          keys.isEmpty() ? DiagnosticCode.MISSING_FIELD : DiagnosticCode.CONFLICTING_FIELDS,
          "httpHeaderName",
          "names "
              + keys.size()
              + " keys (expected: one of httpHeaderName, httpCookie, useSourceIp,"
              + " httpQueryParameterName)");
      return Optional.empty();
    }
    return Optional.of(new ConsistentHash(keys.getFirst(), ring, table));
  }

  private static HashKey cookie(YamlObject cookie) {
    cookie.notApplied("attributes");
    return new HashKey.Cookie(
        cookie.requiredText("name"),
        cookie.text("path").orElse(""),
        Durations.istio(cookie, "ttl"));
  }

  static DestinationRule.ConnectionPool connectionPool(YamlObject pool) {
    Optional<YamlObject> tcp = pool.object("tcp");
    Optional<YamlObject> http = pool.object("http");
    return new DestinationRule.ConnectionPool(
        count(tcp, "maxConnections"),
        tcp.flatMap(t -> Durations.istio(t, "connectTimeout")),
        count(http, "http1MaxPendingRequests"),
        count(http, "http2MaxRequests"),
        count(http, "maxRetries"),
        http.flatMap(h -> Durations.istio(h, "idleTimeout")),
        count(http, "maxRequestsPerConnection"),
        count(http, "maxConcurrentStreams"),
        tcp.flatMap(t -> t.object("tcpKeepalive")).map(DestinationRuleParser::keepalive),
        tcp.flatMap(t -> Durations.istio(t, "maxConnectionDuration")),
        tcp.flatMap(t -> Durations.istio(t, "idleTimeout")),
        http.flatMap(h -> h.word("h2UpgradePolicy", UPGRADES)).orElse(H2Upgrade.DEFAULT),
        http.flatMap(h -> h.flag("useClientProtocol")).orElse(false));
  }

  static Keepalive keepalive(YamlObject keepalive) {
    return new Keepalive(
        keepalive.number("probes", 0, MOST_PROBES).orElse(0),
        Durations.istio(keepalive, "time").orElse(Duration.ZERO),
        Durations.istio(keepalive, "interval").orElse(Duration.ZERO));
  }

  private static DestinationRule.OutlierDetection outlierDetection(YamlObject outlier) {
    outlier.notApplied("consecutiveErrors");
    return new DestinationRule.OutlierDetection(
        outlier.number("consecutive5xxErrors", 0, Integer.MAX_VALUE).orElse(5),
        outlier.number("consecutiveGatewayErrors", 0, Integer.MAX_VALUE).orElse(0),
        Durations.istio(outlier, "interval").orElse(Duration.ofSeconds(10)),
        Durations.istio(outlier, "baseEjectionTime").orElse(Duration.ofSeconds(30)),
        outlier.number("maxEjectionPercent", 0, 100).orElse(10),
        outlier.flag("splitExternalLocalOriginErrors").orElse(false),
        outlier.number("consecutiveLocalOriginFailures", 0, Integer.MAX_VALUE).orElse(5),
        outlier.number("minHealthPercent", 0, 100).orElse(0));
  }

  private static Optional<TlsMode> tls(YamlObject tls) {
    tls.notApplied(
        "clientCertificate",
        "privateKey",
        "caCertificates",
        "credentialName",
        "subjectAltNames",
        "sni",
        "insecureSkipVerify",
        "caCrl");
    return tls.word("mode", TLS_MODES);
  }

  private static int count(Optional<YamlObject> from, String key) {
    return from.flatMap(object -> object.number(key, 0, Integer.MAX_VALUE)).orElse(0);
  }
}
