package dev.meshctl.model.validation;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.GatewayClass;
import dev.meshctl.model.resource.IstioGateway;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.source.Located;
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
        if (earlier != null && excludes(earlier.protocol(), server.protocol())) {
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

  private static boolean excludes(AppProtocol first, AppProtocol second) {
    boolean bothHttp = first.isHttp() && second.isHttp();
    boolean bothTls = isTls(first) && isTls(second);
    return !bothHttp && !bothTls;
  }

  private static boolean isTls(AppProtocol protocol) {
    return protocol == AppProtocol.HTTPS || protocol == AppProtocol.TLS;
  }

  private static void listeners(Located<KubernetesGateway> gateway, Findings findings) {
    List<KubernetesGateway.Listener> listeners = gateway.resource().listeners();
    for (int i = 0; i < listeners.size(); i++) {
      for (int j = 0; j < i; j++) {
        KubernetesGateway.Listener a = listeners.get(j);
        KubernetesGateway.Listener b = listeners.get(i);
        if (a.port() != b.port() || a.name().equals(b.name())) {
          continue;
        }
        boolean udpApart = (a.protocol() == AppProtocol.UDP) != (b.protocol() == AppProtocol.UDP);
        if (!udpApart
            && (excludes(a.protocol(), b.protocol())
                || a.hostname().equalsIgnoreCase(b.hostname()))) {
          findings.add(
              DiagnosticCode.LISTENER_CONFLICT,
              gateway,
              "spec.listeners[" + i + "].port",
              b.port()
                  + " is that of listener '"
                  + a.name()
                  + "' for the same host or another"
                  + " protocol");
        }
      }
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
