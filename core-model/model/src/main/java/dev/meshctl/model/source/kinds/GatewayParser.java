package dev.meshctl.model.source.kinds;

import static dev.meshctl.model.source.kinds.Shared.MAX_PORT;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.GatewayClass;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.KubernetesGateway.AllowedRoutes;
import dev.meshctl.model.resource.KubernetesGateway.ClientValidation;
import dev.meshctl.model.resource.KubernetesGateway.From;
import dev.meshctl.model.resource.KubernetesGateway.Infrastructure;
import dev.meshctl.model.resource.KubernetesGateway.ListenerTls;
import dev.meshctl.model.resource.KubernetesGateway.RouteKind;
import dev.meshctl.model.resource.KubernetesGateway.TlsMode;
import dev.meshctl.model.resource.LabelSelector;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.ObjectRef;
import dev.meshctl.model.source.yaml.YamlObject;
import java.util.ArrayList;
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
      return new KubernetesGateway(metadata, "", List.of(), List.of());
    }
    YamlObject spec = written.get();
    spec.notApplied("backendTLS", "allowedListeners", "defaultScope");
    if (!spec.has("listeners")) {
      spec.missing("listeners");
    }
    List<ClientValidation> clients = new ArrayList<>(clients(spec, metadata));
    return new KubernetesGateway(
        metadata,
        spec.requiredText("gatewayClassName"),
        spec.objects("listeners").stream()
            .map(listener -> listener(listener, metadata, clients))
            .toList(),
        clients,
        infrastructure(spec));
  }

  private static Infrastructure infrastructure(YamlObject spec) {
    boolean elsewhere = !spec.objects("addresses").isEmpty();
    if (elsewhere) {
      spec.valueNotApplied("addresses", "no pods are made for it, and they are not assigned");
    }
    Optional<YamlObject> said =
        spec.object("infrastructure").map(written -> written.notApplied("parametersRef"));
    return new Infrastructure(
        said.map(written -> written.textMap("labels")).orElse(Map.of()),
        said.map(written -> written.textMap("annotations")).orElse(Map.of()),
        elsewhere);
  }

  private static List<ClientValidation> clients(YamlObject spec, Metadata gateway) {
    Optional<YamlObject> frontend =
        spec.object("tls").map(tls -> tls.notApplied("backend")).flatMap(t -> t.object("frontend"));
    List<ClientValidation> clients = new ArrayList<>();
    frontend.ifPresent(f -> {
      for (YamlObject each : f.objects("perPort")) {
        int port = each.requiredNumber("port", 1, MAX_PORT);
        each.object("tls")
            .ifPresent(tls -> clients.add(validation(tls, "validation", port, gateway)));
      }
      f.object("default").ifPresent(d -> clients.add(validation(d, "validation", 0, gateway)));
    });
    return clients;
  }

  /** Where nothing is written, clients of the port are not asked. */
  private static ClientValidation validation(
      YamlObject tls, String key, int port, Metadata gateway) {
    Optional<YamlObject> validation = tls.object(key);
    if (validation.isEmpty()) {
      return new ClientValidation(port, List.of(), false);
    }
    YamlObject written = validation.get();
    boolean required =
        written
            .word("mode", Map.of("AllowValidOnly", true, "AllowInsecureFallback", false))
            .orElse(true);
    return new ClientValidation(
        port,
        written.objects("caCertificateRefs").stream()
            .map(ref -> RouteReferences.object(ref, ObjectRef.CONFIG_MAP, gateway))
            .toList(),
        required);
  }

  private static KubernetesGateway.Listener listener(
      YamlObject listener, Metadata gateway, List<ClientValidation> clients) {
    String hostname = listener.text("hostname").orElse("");
    Names.checkHost(listener, "hostname", hostname);
    if (!listener.has("protocol")) {
      listener.missing("protocol");
    }
    int port = listener.requiredNumber("port", 1, MAX_PORT);
    return new KubernetesGateway.Listener(
        listener.requiredText("name"),
        port,
        listener.word("protocol", PROTOCOLS).orElse(AppProtocol.UNKNOWN),
        hostname,
        listener
            .object("allowedRoutes")
            .map(GatewayParser::allowedRoutes)
            .orElse(AllowedRoutes.SAME_NAMESPACE),
        listener.object("tls").map(tls -> listenerTls(tls, port, gateway, clients)));
  }

  /** Before 1.4 the validation of clients stood in the listener. */
  private static ListenerTls listenerTls(
      YamlObject tls, int port, Metadata gateway, List<ClientValidation> clients) {
    tls.notApplied("options");
    if (tls.has("frontendValidation")) {
      clients.addFirst(validation(tls, "frontendValidation", port, gateway));
    }
    List<YamlObject> refs = tls.objects("certificateRefs");
    if (refs.size() > 1) {
      tls.valueNotApplied("certificateRefs", "the first is applied, the others are not");
    }
    return new ListenerTls(
        tls.word("mode", Map.of("Terminate", TlsMode.TERMINATE, "Passthrough", TlsMode.PASSTHROUGH))
            .orElse(TlsMode.TERMINATE),
        refs.stream().map(ref -> RouteReferences.object(ref, ObjectRef.SECRET, gateway)).toList());
  }

  private static AllowedRoutes allowedRoutes(YamlObject allowed) {
    List<RouteKind> kinds =
        allowed.objects("kinds").stream()
            .map(kind ->
                new RouteKind(
                    kind.text("group").orElse(RouteKind.GATEWAY_API), kind.requiredText("kind")))
            .toList();
    Optional<YamlObject> namespaces = allowed.object("namespaces");
    return new AllowedRoutes(
        namespaces
            .flatMap(from ->
                from.word(
                    "from",
                    Map.of(
                        "Same", From.SAME,
                        "All", From.ALL,
                        "Selector", From.SELECTOR,
                        "None", From.NONE)))
            .orElse(From.SAME),
        namespaces
            .flatMap(from -> from.object("selector"))
            .map(Shared::labelSelector)
            .orElse(LabelSelector.EVERYTHING),
        kinds);
  }
}
