package dev.meshctl.model.explain.security;

import dev.meshctl.model.explain.Caller;
import dev.meshctl.model.explain.Clients;
import dev.meshctl.model.explain.Question;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.explain.UnknownSubject;
import dev.meshctl.model.explain.Upstreams;
import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.WorkloadInstance;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The workloads and ports that a client reaches under a name: of a Service, else of a workload.
 *
 * <p>Thread: one.
 */
final class AccessTargets {
  private final Scene scene;
  private final Clientele client;
  private final String name;

  /** 0 for all. */
  private final int port;

  private final Optional<MeshService> service;

  /**
   * A port of a workload, by one of its replicas.
   *
   * @param secure the client speaks the mesh's TLS to it
   */
  record Target(WorkloadInstance server, int port, boolean secure) {
    private boolean isLike(Target other) {
      return port == other.port
          && server.workload().equals(other.server.workload())
          && server.namespace().equals(other.server.namespace())
          && server.labels().equals(other.server.labels());
    }
  }

  AccessTargets(Scene scene, String from, String to, String source) {
    this.scene = scene;
    this.client = new Clientele(scene, from, source);
    Question asked = new Question(from, to, "GET", "/", Map.of(), source);
    this.name = asked.host();
    this.port = to.indexOf(':') < 0 ? 0 : asked.port();
    this.service = scene.services().named(service(name), client.namespace());
  }

  /** {@code NAMESPACE/NAME} as it is called: {@code NAME.NAMESPACE}. */
  private static String service(String name) {
    int slash = name.indexOf('/');
    return slash < 0 ? name : name.substring(slash + 1) + "." + name.substring(0, slash);
  }

  boolean isService() {
    return service.isPresent();
  }

  boolean isGateway() {
    return client.isGateway();
  }

  Caller caller() {
    return client.caller();
  }

  boolean addressKnown() {
    return client.addressKnown() && !scene.guessed();
  }

  /** The question to the Service by its host, at the port that is meant. */
  Question withPort(Question question) {
    MeshService meant = service.orElseThrow();
    List<Integer> ports = ports(meant);
    int at = port != 0 ? port : ports.size() == 1 ? ports.getFirst() : 0;
    if (at == 0) {
      throw new UnknownSubject(
          meant.hostname() + " has several ports: " + ports,
          "name one: " + name + ":" + (ports.isEmpty() ? 80 : ports.getFirst()));
    }
    return new Question(
        question.from(),
        meant.hostname() + ":" + at,
        question.method(),
        question.path(),
        withHost(question, at),
        question.source());
  }

  /** Routes are asked for the name that the caller wrote. */
  private Map<String, String> withHost(Question question, int at) {
    Map<String, String> headers = new LinkedHashMap<>(question.headers());
    headers.putIfAbsent("host", service(name) + ":" + at);
    return headers;
  }

  private static List<Integer> ports(MeshService service) {
    return service.ports().stream()
        .filter(known -> known.protocol() != AppProtocol.UDP)
        .map(MeshService.Port::number)
        .toList();
  }

  /** None is the same as another; never empty. */
  List<Target> all() {
    List<Target> found = new ArrayList<>();
    if (service.isPresent()) {
      for (int number : ports(service.get())) {
        if (port == 0 || port == number) {
          behind(service.get(), number, found);
        }
      }
      if (found.isEmpty()) {
        throw unreached(service.get().hostname());
      }
      return found;
    }
    WorkloadInstance server = new Clients(scene).find(name);
    for (MeshService each : scene.services().all()) {
      for (int number : ports(each)) {
        List<Target> doors = new ArrayList<>();
        behind(each, number, doors);
        doors.stream()
            .filter(door -> isOf(server, door.server()))
            .filter(door -> port == 0 || port == number || port == door.port())
            .filter(door -> found.stream().noneMatch(door::isLike))
            .forEach(found::add);
      }
    }
    if (found.isEmpty() && port == 0) {
      throw unreached(server.namespace() + "/" + server.workload());
    }
    // What no service leads to is called by its address, in the clear.
    return found.isEmpty() ? List.of(new Target(server, port, false)) : found;
  }

  private UnknownSubject unreached(String what) {
    return new UnknownSubject(
        "the client is told of no way to "
            + what
            + (port == 0 ? "" : ":" + port)
            + (client.isGateway()
                ? ": none of its routes leads there"
                : ": no replica, no such port, or kept from it by a Sidecar or exportTo"),
        "see meshctl explain request");
  }

  private static boolean isOf(WorkloadInstance one, WorkloadInstance other) {
    return one.namespace().equals(other.namespace()) && one.workload().equals(other.workload());
  }

  private void behind(MeshService to, int number, List<Target> found) {
    Optional<ClusterConfig> cluster = client.upstreams().ofPort(to.hostname(), number);
    if (cluster.isEmpty()) {
      return;
    }
    for (LoadAssignment assignment :
        client.upstreams().assignment(cluster.get()).stream().toList()) {
      for (LoadAssignment.LocalityEndpoints locality : assignment.localities()) {
        for (Endpoint endpoint : locality.endpoints()) {
          boolean secure =
              client.caller().hasProxy() && Upstreams.secure(cluster.get().transport(), endpoint);
          scene
              .at(endpoint.address().address())
              .map(server -> new Target(server, endpoint.address().port(), secure))
              .filter(target -> found.stream().noneMatch(target::isLike))
              .ifPresent(found::add);
        }
      }
    }
  }
}
