package dev.meshctl.model.validation.routing;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.GatewayClass;
import dev.meshctl.model.resource.IstioGateway;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.ListenerRules;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Gateways of both families: their ports, names and classes. */
final class GatewayChecks {
  private GatewayChecks() {}

  static void run(Facts facts, Findings findings) {
    istioPorts(facts, findings);
    for (Located<KubernetesGateway> gateway : facts.all(KubernetesGateway.class)) {
      findings.addDuplicates(
          gateway,
          "spec.listeners[%d].name",
          gateway.resource().listeners().stream().map(KubernetesGateway.Listener::name).toList());
      listeners(gateway, findings);
      gatewayClass(gateway, facts, findings);
    }
  }

  private record Claim(AppProtocol protocol, String where) {}

  /** Gateways of one selector are one proxy; HTTP servers on one port are joined by host. */
  private static void istioPorts(Facts facts, Findings findings) {
    Map<String, Claim> claims = new HashMap<>();
    for (Located<IstioGateway> gateway : facts.all(IstioGateway.class)) {
      List<IstioGateway.Server> servers = gateway.resource().servers();
      for (int i = 0; i < servers.size(); i++) {
        IstioGateway.Server server = servers.get(i);
        String path = "spec.servers[" + i + "].port.number";
        String key = new TreeMap<>(gateway.resource().selector()) + ":" + server.port();
        String where = gateway.resource().id() + " (" + gateway.at(path) + ")";
        Claim earlier = claims.putIfAbsent(key, new Claim(server.protocol(), where));
        if (earlier != null && !ListenerRules.sharePort(earlier.protocol(), server.protocol())) {
          findings.add(
              DiagnosticCode.PORT_CONFLICT,
              gateway,
              path,
              server.port()
                  + " speaks "
                  + earlier.protocol()
                  + " for "
                  + earlier.where()
                  + ", not "
                  + server.protocol());
        }
      }
    }
  }

  private static void listeners(Located<KubernetesGateway> gateway, Findings findings) {
    List<KubernetesGateway.Listener> listeners = gateway.resource().listeners();
    for (int i = 0; i < listeners.size(); i++) {
      KubernetesGateway.Listener listener = listeners.get(i);
      String path = "spec.listeners[" + i + "].port";
      ListenerRules.conflict(gateway.resource(), listener)
          // Said once already, of the name.
          .filter(conflict -> !conflict.earlier().name().equals(listener.name()))
          .ifPresent(conflict ->
              findings.add(
                  DiagnosticCode.LISTENER_CONFLICT,
                  gateway,
                  path,
                  listener.port()
                      + " is that of listener '"
                      + conflict.earlier().name()
                      + "' for "
                      + (conflict.protocol() ? "another protocol" : "the same host")));
    }
  }

  private static void gatewayClass(
      Located<KubernetesGateway> gateway, Facts facts, Findings findings) {
    String name = gateway.resource().gatewayClassName();
    Optional<GatewayClass> found =
        facts.find("GatewayClass", "", name).map(GatewayClass.class::cast);
    boolean ours =
        found.map(c -> c.controllerName().equals(GatewayClass.OUR_CONTROLLER)).orElse(false);
    if (!ours && !facts.mayExist("GatewayClass", "", name)) {
      findings.add(
          DiagnosticCode.UNKNOWN_GATEWAY_CLASS,
          gateway,
          "spec.gatewayClassName",
          "'"
              + name
              + "' "
              + found.map(c -> "is of " + c.controllerName()).orElse("is not there")
              + "; the gateway is not served");
    }
  }
}
