package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.ConnectionRule;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.TcpRoute;
import dev.meshctl.model.resource.TlsRoute;
import dev.meshctl.model.source.yaml.YamlObject;
import java.util.List;
import java.util.Optional;

/** Gateway API {@code TLSRoute} and {@code TCPRoute}. */
final class ConnectionRouteParser {
  private ConnectionRouteParser() {}

  static TlsRoute tls(Metadata metadata, YamlObject root) {
    Optional<YamlObject> spec = spec(root);
    return new TlsRoute(
        metadata,
        spec.map(s -> RouteReferences.gateways(s, metadata)).orElse(List.of()),
        spec.map(s -> Names.checkedHosts(s, "hostnames")).orElse(List.of()),
        rules(spec, metadata));
  }

  static TcpRoute tcp(Metadata metadata, YamlObject root) {
    Optional<YamlObject> spec = spec(root);
    return new TcpRoute(
        metadata,
        spec.map(s -> RouteReferences.gateways(s, metadata)).orElse(List.of()),
        rules(spec, metadata));
  }

  private static Optional<YamlObject> spec(YamlObject root) {
    Optional<YamlObject> spec = root.requiredObject("spec");
    spec.filter(s -> !s.has("rules")).ifPresent(s -> s.missing("rules"));
    return spec.map(s -> s.notApplied("useDefaultGateways"));
  }

  private static List<ConnectionRule> rules(Optional<YamlObject> spec, Metadata route) {
    return spec.stream()
        .flatMap(s -> s.objects("rules").stream())
        .map(rule ->
            new ConnectionRule(rule.text("name").orElse(""), RouteReferences.backends(rule, route)))
        .toList();
  }
}
