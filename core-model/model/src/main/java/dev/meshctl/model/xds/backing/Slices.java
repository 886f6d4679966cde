package dev.meshctl.model.xds.backing;

import dev.meshctl.model.resource.EndpointSlice;
import dev.meshctl.model.resource.EndpointSlice.AddressType;
import dev.meshctl.model.resource.EndpointSlice.Conditions;
import dev.meshctl.model.resource.Endpoints;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.resource.Transport;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.backing.Backend.Source;
import dev.meshctl.model.xds.backing.Backend.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Endpoints that a cluster (or an author) has written down for Services. */
final class Slices {
  private final Places places;
  private final Map<String, Backend> podsByName;
  private final Map<String, Backend> podsByAddress = new HashMap<>();
  private final Map<String, List<EndpointSlice>> slices = new HashMap<>();
  private final Map<String, Endpoints> endpoints = new HashMap<>();
  private final Set<String> named = new HashSet<>();

  /**
   * @param podsByName by {@code namespace/name}
   */
  Slices(ValidatedMesh mesh, Places places, Map<String, Backend> podsByName) {
    this.places = places;
    this.podsByName = podsByName;
    podsByName
        .values()
        .forEach(pod ->
            podsByAddress.putIfAbsent(
                pod.instance().namespace() + "/" + pod.instance().address(), pod));
    for (EndpointSlice slice : mesh.all(EndpointSlice.class)) {
      slice
          .serviceName()
          .ifPresent(name ->
              slices
                  .computeIfAbsent(
                      slice.metadata().namespace() + "/" + name, k -> new ArrayList<>())
                  .add(slice));
      slice.endpoints().forEach(endpoint -> name(slice.metadata().namespace(), endpoint));
    }
    for (Endpoints old : mesh.all(Endpoints.class)) {
      endpoints.put(old.metadata().namespace() + "/" + old.metadata().name(), old);
      old.subsets().stream()
          .flatMap(subset -> subset.endpoints().stream())
          .forEach(endpoint -> name(old.metadata().namespace(), endpoint));
    }
  }

  private void name(String namespace, EndpointSlice.Endpoint endpoint) {
    pod(namespace, endpoint).ifPresent(pod -> named.add(namespace + "/" + pod.instance().name()));
  }

  private Optional<Backend> pod(String namespace, EndpointSlice.Endpoint endpoint) {
    return Optional.ofNullable(
        endpoint.pod().isPresent()
            ? podsByName.get(namespace + "/" + endpoint.pod().get())
            : podsByAddress.get(namespace + "/" + endpoint.addresses().getFirst()));
  }

  /** True where one of them names the Pod. */
  boolean isNamed(String namespace, String name) {
    return named.contains(namespace + "/" + name);
  }

  /** Those of a Service; empty where nothing is written down, which is not that there are none. */
  Optional<List<Backend>> of(Service service) {
    String key = service.metadata().namespace() + "/" + service.metadata().name();
    List<EndpointSlice> written = slices.getOrDefault(key, List.of());
    if (!written.isEmpty()) {
      AddressType family = family(service, written);
      List<Backend> all = new ArrayList<>();
      for (EndpointSlice slice : written) {
        if (slice.addressType() == family) {
          Map<String, Integer> ports = ports(slice.ports());
          slice
              .endpoints()
              .forEach(endpoint ->
                  all.add(backend(slice.metadata().namespace(), endpoint, ports, Source.SLICE)));
        }
      }
      return Optional.of(all);
    }
    Endpoints old = endpoints.get(key);
    if (old == null) {
      return Optional.empty();
    }
    List<Backend> all = new ArrayList<>();
    for (Endpoints.Subset subset : old.subsets()) {
      Map<String, Integer> ports = ports(subset.ports());
      subset
          .endpoints()
          .forEach(endpoint ->
              all.add(backend(old.metadata().namespace(), endpoint, ports, Source.ENDPOINTS)));
    }
    return Optional.of(all);
  }

  /** A Service of both versions of IP has slices of both, for the same pods. */
  private static AddressType family(Service service, List<EndpointSlice> written) {
    return service.ipFamilies().stream()
        .findFirst()
        .or(() ->
            written.stream()
                .map(EndpointSlice::addressType)
                .filter(type -> type != AddressType.FQDN)
                .min(Comparator.naturalOrder()))
        .orElse(AddressType.IPV4);
  }

  private static Map<String, Integer> ports(List<EndpointSlice.Port> written) {
    Map<String, Integer> ports = new HashMap<>();
    written.stream()
        .filter(port -> port.port() != 0 && port.transport() == Transport.TCP)
        .forEach(port -> ports.put(port.name(), port.port()));
    return ports;
  }

  private Backend backend(
      String namespace,
      EndpointSlice.Endpoint endpoint,
      Map<String, Integer> ports,
      Source source) {
    String address = endpoint.addresses().getFirst();
    Optional<Backend> pod = pod(namespace, endpoint);
    String node = endpoint.node().isEmpty() ? pod.map(Backend::node).orElse("") : endpoint.node();
    String name = endpoint.pod().orElse(address);
    State state = state(endpoint.conditions());
    return new Backend(
        pod.map(Backend::instance)
            .map(known -> at(known, address, ports, place(known, node, endpoint), state))
            .orElseGet(() ->
                new WorkloadInstance(
                    name,
                    namespace,
                    "",
                    "",
                    Map.of(),
                    address,
                    ports,
                    places.ofAddress(node, endpoint.zone()),
                    state == State.READY,
                    false)),
        source,
        state,
        endpoint.hostname().isEmpty()
            ? pod.map(Backend::hostname).orElse(name)
            : endpoint.hostname(),
        1,
        "",
        node,
        endpoint.forZones(),
        endpoint.forNodes());
  }

  private static State state(Conditions conditions) {
    if (conditions.ready()) {
      return State.READY;
    }
    return conditions.serving() && conditions.terminating() ? State.LEAVING : State.NOT_READY;
  }

  private Locality place(WorkloadInstance pod, String node, EndpointSlice.Endpoint endpoint) {
    return pod.locality().equals(Locality.NONE)
        ? places.ofAddress(node, endpoint.zone())
        : pod.locality();
  }

  private static WorkloadInstance at(
      WorkloadInstance pod,
      String address,
      Map<String, Integer> ports,
      Locality locality,
      State state) {
    return new WorkloadInstance(
        pod.name(),
        pod.namespace(),
        pod.workload(),
        pod.serviceAccount(),
        pod.labels(),
        address,
        ports,
        locality,
        state == State.READY,
        pod.inMesh());
  }
}
