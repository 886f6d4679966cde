package dev.meshctl.model.source.kinds;

import static dev.meshctl.model.source.kinds.Shared.MAX_PORT;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.GatewayClass;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.KubernetesGateway.AllowedRoutes;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.source.yaml.YamlObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Gateway API {@code GatewayClass} and {@code Gateway}. */
final class GatewayParser {
  private static final Map<String, AppProtocol> PROTOCOLS =
      Map.of(
          "HTTP", AppProtocol.HTTP,
          "HTTPS", AppProtocol.HTTPS,
          "TLS", AppProtocol.TLS,
          "TCP", AppProtocol.TCP,
          "UDP", AppProtocol.UDP);

  private GatewayParser() {}

  static GatewayClass gatewayClass(Metadata metadata, YamlObject root) {
    Optional<YamlObject> spec = root.requiredObject("spec");
    spec.ifPresent(s -> s.ignore("description").notApplied("parametersRef"));
    return new GatewayClass(metadata, spec.map(s -> s.requiredText("controllerName")).orElse(""));
  }

  static KubernetesGateway gateway(Metadata metadata, YamlObject root) {
    Optional<YamlObject> written = root.requiredObject("spec");
    if (written.isEmpty()) {
      return new KubernetesGateway(metadata, "", List.of());
    }
    YamlObject spec = written.get();
    spec.notApplied(
        "addresses", "infrastructure", "backendTLS", "tls", "allowedListeners", "defaultScope");
    if (!spec.has("listeners")) {
      spec.missing("listeners");
    }
    return new KubernetesGateway(
        metadata,
        spec.requiredText("gatewayClassName"),
        spec.objects("listeners").stream().map(GatewayParser::listener).toList());
  }

  private static KubernetesGateway.Listener listener(YamlObject listener) {
    listener.notApplied("tls");
    String hostname = listener.text("hostname").orElse("");
    Names.checkHost(listener, "hostname", hostname);
    if (!listener.has("protocol")) {
      listener.missing("protocol");
    }
    return new KubernetesGateway.Listener(
        listener.requiredText("name"),
        listener.requiredNumber("port", 1, MAX_PORT),
        listener.word("protocol", PROTOCOLS).orElse(AppProtocol.UNKNOWN),
        hostname,
        listener
            .object("allowedRoutes")
            .map(GatewayParser::allowedRoutes)
            .orElse(AllowedRoutes.SAME));
  }

  private static AllowedRoutes allowedRoutes(YamlObject allowed) {
    allowed.notApplied("kinds");
    Optional<YamlObject> namespaces = allowed.object("namespaces");
    if (namespaces.isEmpty()) {
      return AllowedRoutes.SAME;
    }
    YamlObject from = namespaces.get().notApplied("selector");
    String word =
        from.word("from", Map.of("Same", "Same", "All", "All", "Selector", "", "None", ""))
            .orElse("Same");
    if (word.isEmpty()) {
      from.valueNotApplied("from", "is not applied: routes of the same namespace are taken");
    }
    return word.equals("All") ? AllowedRoutes.ALL : AllowedRoutes.SAME;
  }
}
