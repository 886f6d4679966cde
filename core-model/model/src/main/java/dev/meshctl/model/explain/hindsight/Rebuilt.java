package dev.meshctl.model.explain.hindsight;

import dev.meshctl.model.explain.Question;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.explain.hindsight.Entry.Logger;
import dev.meshctl.model.explain.hindsight.Entry.Side;
import dev.meshctl.model.match.IpNumber;
import dev.meshctl.model.resource.PortRef;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.xds.ClusterNames;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A request made again from its line, as far as that tells of it. */
final class Rebuilt {
  /** What the sidecar itself listens on; no client calls it by these. */
  private static final Set<Integer> OWN_PORTS = Set.of(15001, 15006, 15080);

  private static final int HTTP_PORT = 80;

  private Rebuilt() {}

  /**
   * @param client whose request it was
   * @param more headers that the log does not have
   */
  static Question question(Scene scene, Entry entry, Logger client, Map<String, String> more) {
    LoggedRequest logged = entry.logged();
    Map<String, String> headers = new LinkedHashMap<>();
    put(headers, "host", logged.authority());
    put(headers, "user-agent", logged.userAgent());
    put(headers, "x-request-id", logged.requestId());
    put(headers, "x-forwarded-for", logged.forwardedFor());
    headers.putAll(more);
    return new Question(
        client.question(),
        host(logged) + ":" + port(scene, entry, client),
        logged.overHttp() ? logged.method() : "GET",
        logged.path().isEmpty() ? "/" : logged.path(),
        headers,
        entry.side() == Side.GATEWAY ? address(logged.addresses().client()) : "");
  }

  private static void put(Map<String, String> headers, String name, String value) {
    if (!value.isEmpty()) {
      headers.put(name, value);
    }
  }

  private static String address(String endpoint) {
    String host = LoggedRequest.host(endpoint);
    return IpNumber.parse(host) == null ? "" : host;
  }

  /** As it was called; of a connection, whose cluster it went to. */
  private static String host(LoggedRequest logged) {
    String authority = logged.authority();
    if (!authority.isEmpty()) {
      return LoggedRequest.port(authority) == 0 ? authority : LoggedRequest.host(authority);
    }
    return ClusterNames.outboundHost(logged.route().cluster())
        .orElseGet(() -> LoggedRequest.host(logged.addresses().listener()));
  }

  /**
   * The port that the connection was for; where a sidecar's own port hides it, that of the
   * authority or of the cluster.
   */
  private static int port(Scene scene, Entry entry, Logger client) {
    LoggedRequest logged = entry.logged();
    int listener = LoggedRequest.port(logged.addresses().listener());
    int authority = LoggedRequest.port(logged.authority());
    if (entry.side() == Side.CALLED) {
      return authority > 0 ? authority : ofService(scene, host(logged), client, listener);
    }
    if (listener > 0 && !OWN_PORTS.contains(listener)) {
      return listener;
    }
    if (authority > 0) {
      return authority;
    }
    return ClusterNames.outboundPort(logged.route().cluster()).orElse(HTTP_PORT);
  }

  /** The port of a service whose replicas listen there; 80 where none does. */
  private static int ofService(Scene scene, String host, Logger client, int listener) {
    Optional<MeshService> service = scene.services().named(host, client.namespace());
    return service.stream()
        .flatMap(found -> found.ports().stream())
        .filter(port -> port.target() instanceof PortRef.Number(int number) && number == listener)
        .map(MeshService.Port::number)
        .findFirst()
        .orElse(HTTP_PORT);
  }
}
