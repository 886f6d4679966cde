package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.resource.DestinationRule.LoadBalancer;
import dev.meshctl.model.resource.DestinationRule.TlsMode;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.source.yaml.YamlObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code networking.istio.io/DestinationRule}. */
final class DestinationRuleParser {
  private static final Map<String, LoadBalancer> SIMPLE = new LinkedHashMap<>();
  private static final Map<String, TlsMode> TLS_MODES = new LinkedHashMap<>();

  static {
    for (LoadBalancer algorithm : LoadBalancer.values()) {
      SIMPLE.put(algorithm.name(), algorithm);
    }
    // The deprecated name means the same since Istio 1.14.
    SIMPLE.put("LEAST_CONN", LoadBalancer.LEAST_REQUEST);
    for (TlsMode mode : TlsMode.values()) {
      TLS_MODES.put(mode.name(), mode);
    }
  }

  private DestinationRuleParser() {}

  static DestinationRule parse(Metadata metadata, YamlObject root) {
    Optional<YamlObject> written = root.requiredObject("spec");
    if (written.isEmpty()) {
      return new DestinationRule(metadata, "", Optional.empty(), List.of(), List.of());
    }
    YamlObject spec = written.get().notApplied("workloadSelector");
    String host = spec.requiredText("host");
    Names.checkHost(spec, "host", host);
    return new DestinationRule(
        metadata,
        host,
        spec.object("trafficPolicy").map(DestinationRuleParser::policy),
        spec.objects("subsets").stream().map(DestinationRuleParser::subset).toList(),
        spec.texts("exportTo"));
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
    policy.notApplied("portLevelSettings", "tunnel", "proxyProtocol", "retryBudget");
    return new DestinationRule.TrafficPolicy(
        policy.object("loadBalancer").flatMap(DestinationRuleParser::loadBalancer),
        policy.object("connectionPool").map(DestinationRuleParser::connectionPool),
        policy.object("outlierDetection").map(DestinationRuleParser::outlierDetection),
        policy.object("tls").flatMap(DestinationRuleParser::tls));
  }

  private static Optional<LoadBalancer> loadBalancer(YamlObject balancer) {
    balancer.notApplied("consistentHash", "localityLbSetting", "warmupDurationSecs", "warmup");
    return balancer.word("simple", SIMPLE);
  }

  private static DestinationRule.ConnectionPool connectionPool(YamlObject pool) {
    Optional<YamlObject> tcp = pool.object("tcp");
    Optional<YamlObject> http = pool.object("http");
    tcp.ifPresent(t -> t.notApplied("tcpKeepalive", "maxConnectionDuration", "idleTimeout"));
    http.ifPresent(h -> h.notApplied("h2UpgradePolicy", "useClientProtocol"));
    return new DestinationRule.ConnectionPool(
        count(tcp, "maxConnections"),
        tcp.flatMap(t -> Durations.istio(t, "connectTimeout")),
        count(http, "http1MaxPendingRequests"),
        count(http, "http2MaxRequests"),
        count(http, "maxRetries"),
        http.flatMap(h -> Durations.istio(h, "idleTimeout")),
        count(http, "maxRequestsPerConnection"),
        count(http, "maxConcurrentStreams"));
  }

  private static DestinationRule.OutlierDetection outlierDetection(YamlObject outlier) {
    outlier.notApplied(
        "consecutiveErrors",
        "consecutiveLocalOriginFailures",
        "splitExternalLocalOriginErrors",
        "minHealthPercent");
    return new DestinationRule.OutlierDetection(
        outlier.number("consecutive5xxErrors", 0, Integer.MAX_VALUE).orElse(5),
        outlier.number("consecutiveGatewayErrors", 0, Integer.MAX_VALUE).orElse(0),
        Durations.istio(outlier, "interval").orElse(Duration.ofSeconds(10)),
        Durations.istio(outlier, "baseEjectionTime").orElse(Duration.ofSeconds(30)),
        outlier.number("maxEjectionPercent", 0, 100).orElse(10));
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
