package dev.meshctl.model.xds.backing;

import dev.meshctl.model.resource.PortRef;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.traffic.MeshService.Backing;
import dev.meshctl.model.xds.WorkloadInstance;
import java.util.List;
import java.util.OptionalInt;

/**
 * Someone who may answer for a service, as the service sees them.
 *
 * @param instance who it is; where nothing but an address is known, named after it, with no
 *     workload. Its named ports are those of the source: of containers, of the slice, of the entry
 * @param hostname under which a headless service knows it
 * @param weight at least 1
 * @param network empty is the mesh's own
 * @param node that it runs on, may be empty
 * @param forZones zones whose clients shall use it (hints of its slice)
 * @param forNodes nodes whose clients shall use it
 */
public record Backend(
    WorkloadInstance instance,
    Source source,
    State state,
    String hostname,
    int weight,
    String network,
    String node,
    List<String> forZones,
    List<String> forNodes) {
  public Backend {
    forZones = List.copyOf(forZones);
    forNodes = List.copyOf(forNodes);
  }

  Backend(WorkloadInstance instance, Source source, State state, String node) {
    this(instance, source, state, instance.name(), 1, "", node, List.of(), List.of());
  }

  /** Who told of it. */
  public enum Source {
    /** The inventory: a launcher runs it. */
    REPLICA,
    POD,
    SLICE,
    /** {@code Endpoints}, or {@code notReadyAddresses} of it. */
    ENDPOINTS,
    WORKLOAD_ENTRY,
    /** {@code ServiceEntry.endpoints}. */
    INLINE
  }

  /** Whether it gets requests. */
  public enum State {
    READY,
    /** Leaves, but serves still, and nobody is ready. */
    LAST_RESORT,
    /** Leaves, serves still, and is not needed. */
    LEAVING,
    NOT_READY
  }

  /** True where it gets requests. */
  public boolean answers() {
    return state == State.READY || state == State.LAST_RESORT;
  }

  Backend at(String address) {
    WorkloadInstance there =
        new WorkloadInstance(
            instance.name(),
            instance.namespace(),
            instance.workload(),
            instance.serviceAccount(),
            instance.labels(),
            address,
            instance.namedPorts(),
            instance.locality(),
            instance.ready(),
            instance.inMesh());
    return new Backend(there, source, state, hostname, weight, network, node, forZones, forNodes);
  }

  Backend in(State other) {
    return new Backend(
        instance, source, other, hostname, weight, network, node, forZones, forNodes);
  }

  /**
   * Where it listens for a port of the service; empty where it does not. A slice has the number of
   * each port by its name; an entry may have; a name of a target port is one of a container's or an
   * entry's.
   */
  public OptionalInt target(MeshService service, MeshService.Port port) {
    Integer named = instance.namedPorts().get(port.name());
    return switch (source) {
      case SLICE, ENDPOINTS -> present(named);
      case INLINE -> OptionalInt.of(named == null ? number(port) : named);
      case WORKLOAD_ENTRY ->
          port.target() instanceof PortRef.Number && named != null
              ? OptionalInt.of(named)
              : byTarget(port);
      case REPLICA, POD ->
          service.backing() instanceof Backing.External && named != null
              ? OptionalInt.of(named)
              : byTarget(port);
    };
  }

  /** Where someone listens for a port of whom nothing is known: at its number. */
  public static OptionalInt unnamed(MeshService.Port port) {
    return switch (port.target()) {
      case PortRef.Number(int number) -> OptionalInt.of(number);
      case PortRef.Name _ -> OptionalInt.empty();
    };
  }

  private OptionalInt byTarget(MeshService.Port port) {
    return switch (port.target()) {
      case PortRef.Number(int number) -> OptionalInt.of(number);
      case PortRef.Name(String name) -> present(instance.namedPorts().get(name));
    };
  }

  private static int number(MeshService.Port port) {
    return port.target() instanceof PortRef.Number(int number) ? number : port.number();
  }

  private static OptionalInt present(@org.jspecify.annotations.Nullable Integer number) {
    return number == null ? OptionalInt.empty() : OptionalInt.of(number);
  }
}
