package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.DestinationRule.TrafficPolicy;
import dev.meshctl.model.resource.PeerAuthentication.Mode;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.backing.Backend;
import dev.meshctl.model.xds.translation.LocalityRouting.Placed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.ToIntFunction;

/** Backends that answer, as endpoints. */
final class Endpoints {
  private final MeshView view;

  Endpoints(MeshView view) {
    this.view = view;
  }

  /**
   * Of one port of a service, narrowed to backends with {@code subsetLabels}.
   *
   * @param client whose way there it is
   */
  LoadAssignment of(
      String name,
      MeshService service,
      MeshService.Port port,
      Map<String, String> subsetLabels,
      Optional<TrafficPolicy> policy,
      ClientPlace client) {
    List<Backend> backends = view.backends().of(service);
    ToIntFunction<Backend> level = _ -> 0;
    Optional<Service> declared = view.backends().service(service);
    if (declared.isPresent()) {
      backends = Nearness.allowed(declared.get(), client, backends);
      level = Nearness.levels(declared.get(), client, backends);
    }
    Set<SocketEndpoint> seen = new HashSet<>();
    List<Placed> endpoints = new ArrayList<>();
    for (Backend backend : backends) {
      OptionalInt target = backend.target(service, port);
      if (backend.answers()
          && target.isPresent()
          && backend.instance().labels().entrySet().containsAll(subsetLabels.entrySet())) {
        Endpoint endpoint = endpoint(backend, target.getAsInt());
        // A slice may be written while another still has the address.
        if (seen.add(endpoint.address())) {
          endpoints.add(
              new Placed(
                  backend.instance().locality(),
                  labels(backend),
                  endpoint,
                  level.applyAsInt(backend)));
        }
      }
    }
    return new LoadAssignment(name, LocalityRouting.of(policy, client, endpoints));
  }

  private static Map<String, String> labels(Backend backend) {
    if (backend.network().isEmpty()) {
      return backend.instance().labels();
    }
    Map<String, String> labels = new HashMap<>(backend.instance().labels());
    labels.putIfAbsent(LocalityRouting.NETWORK, backend.network());
    return labels;
  }

  /** One backend only; empty where it does not listen for the port. */
  LoadAssignment ofReplica(
      String name, Backend backend, MeshService service, MeshService.Port port) {
    OptionalInt target = backend.target(service, port);
    return new LoadAssignment(
        name,
        target.isEmpty()
            ? List.of()
            : List.of(
                new LocalityEndpoints(
                    backend.instance().locality(),
                    0,
                    0,
                    List.of(endpoint(backend, target.getAsInt())))));
  }

  private Endpoint endpoint(Backend backend, int port) {
    WorkloadInstance instance = backend.instance();
    boolean meshTls =
        instance.inMesh()
            && view.peerModes().mode(instance.namespace(), instance.labels(), port) != Mode.DISABLE;
    String address = instance.address();
    return new Endpoint(
        address.startsWith("/") || address.startsWith("@")
            ? SocketEndpoint.pipe(address, 0)
            : new SocketEndpoint(address, port),
        Health.HEALTHY,
        backend.weight(),
        meshTls,
        instance.workload().isEmpty()
            ? WorkloadRef.UNKNOWN
            : new WorkloadRef(
                instance.workload(),
                instance.namespace(),
                label(instance, "app", "app.kubernetes.io/name"),
                label(instance, "version", "app.kubernetes.io/version")));
  }

  private static String label(WorkloadInstance instance, String name, String otherwise) {
    String value = instance.labels().get(name);
    return value != null ? value : instance.labels().getOrDefault(otherwise, "");
  }

  /** Literal addresses, of nobody we know. */
  static LoadAssignment external(String name, List<SocketEndpoint> addresses) {
    return new LoadAssignment(
        name,
        addresses.isEmpty()
            ? List.of()
            : List.of(
                new LocalityEndpoints(
                    Locality.NONE,
                    0,
                    0,
                    addresses.stream()
                        .map(address ->
                            new Endpoint(address, Health.HEALTHY, 1, false, WorkloadRef.UNKNOWN))
                        .toList())));
  }
}
