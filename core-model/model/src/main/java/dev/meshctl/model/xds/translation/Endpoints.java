package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.DestinationRule.TrafficPolicy;
import dev.meshctl.model.resource.PeerAuthentication.Mode;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.translation.LocalityRouting.Placed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Replicas that serve, as endpoints. A replica that is not ready is no endpoint. */
final class Endpoints {
  private final MeshView view;

  Endpoints(MeshView view) {
    this.view = view;
  }

  /**
   * Of one port of a service, narrowed to replicas with {@code subsetLabels}.
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
    List<Placed> endpoints = new ArrayList<>();
    for (WorkloadInstance instance : view.workloads().instances(service)) {
      OptionalInt target = Workloads.target(port, instance.namedPorts());
      if (instance.ready()
          && target.isPresent()
          && instance.labels().entrySet().containsAll(subsetLabels.entrySet())) {
        endpoints.add(
            new Placed(
                instance.locality(), instance.labels(), endpoint(instance, target.getAsInt())));
      }
    }
    return new LoadAssignment(name, LocalityRouting.of(policy, client, endpoints));
  }

  /** One replica only; empty where it does not listen for the port. */
  LoadAssignment ofReplica(String name, WorkloadInstance instance, MeshService.Port port) {
    OptionalInt target = Workloads.target(port, instance.namedPorts());
    return new LoadAssignment(
        name,
        target.isEmpty()
            ? List.of()
            : List.of(
                new LocalityEndpoints(
                    instance.locality(), 0, 0, List.of(endpoint(instance, target.getAsInt())))));
  }

  private Endpoint endpoint(WorkloadInstance instance, int port) {
    boolean meshTls =
        instance.inMesh()
            && view.peerModes().mode(instance.namespace(), instance.labels(), port) != Mode.DISABLE;
    return new Endpoint(
        new SocketEndpoint(instance.address(), port),
        Health.HEALTHY,
        1,
        meshTls,
        new WorkloadRef(
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
