package dev.meshctl.model.xds.backing;

import dev.meshctl.model.resource.EndpointSlice.AddressType;
import dev.meshctl.model.resource.Pod;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.resource.ServiceEntry;
import dev.meshctl.model.resource.WorkloadEntry;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.traffic.MeshService.Backing;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.backing.Backend.Source;
import dev.meshctl.model.xds.backing.Backend.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who answers for each service. For a Service, of these the first that has any: replicas that a
 * launcher runs and its selector takes; its EndpointSlices; its Endpoints; the Pods that its
 * selector takes; and with them the WorkloadEntries that its selector takes. For a ServiceEntry its
 * endpoints, or whom its {@code workloadSelector} takes: WorkloadEntries with replicas or Pods.
 *
 * <p>Threads: any; immutable but for what it remembers.
 */
public final class Backends {
  private static final Comparator<Backend> BY_NAME =
      Comparator.comparing((Backend backend) -> backend.instance().namespace())
          .thenComparing(backend -> backend.instance().name());

  /** Before the names of entries, which may be those of pods. */
  private static final String ENTRY = "entry:";

  private final Written written;
  private final Map<String, Backend> byName = new LinkedHashMap<>();
  private final Map<String, List<Backend>> byLabel = new HashMap<>();
  private final Map<String, List<Backend>> known = new ConcurrentHashMap<>();

  /**
   * What the mesh alone tells.
   *
   * @param pods by {@code namespace/name}
   */
  private record Written(
      Map<String, Service> services,
      Map<String, Pod> pods,
      List<Backend> residents,
      Slices slices) {}

  private Backends(Written written, MeshInventory inventory) {
    this.written = written;
    inventory.instances().stream()
        .map(instance ->
            new Backend(
                instance, Source.REPLICA, instance.ready() ? State.READY : State.NOT_READY, ""))
        .sorted(BY_NAME)
        .forEach(this::add);
    written.residents().forEach(this::add);
  }

  public static Backends of(ValidatedMesh mesh, MeshInventory inventory) {
    Places places = new Places(mesh);
    Residents residents = new Residents(mesh, places);
    Map<String, Service> services = new HashMap<>();
    mesh.all(Service.class)
        .forEach(service ->
            services.put(
                service.metadata().namespace() + "/" + service.metadata().name(), service));
    Map<String, Pod> pods = new LinkedHashMap<>();
    Map<String, Backend> placed = new LinkedHashMap<>();
    for (Pod pod : mesh.all(Pod.class)) {
      String key = pod.metadata().namespace() + "/" + pod.metadata().name();
      if (!pod.finished() && !pod.addresses().isEmpty()) {
        pods.put(key, pod);
        placed.put(key, residents.of(pod));
      }
    }
    List<Backend> all = new ArrayList<>(placed.values());
    mesh.all(WorkloadEntry.class).stream()
        .filter(entry -> !entry.spec().address().isEmpty())
        .map(Residents::of)
        .forEach(all::add);
    all.sort(BY_NAME);
    return new Backends(
        new Written(services, pods, all, new Slices(mesh, places, placed)), inventory);
  }

  /** The same mesh with other replicas. */
  public Backends with(MeshInventory now) {
    return new Backends(written, now);
  }

  /** A replica hides a Pod of its name. */
  private void add(Backend backend) {
    WorkloadInstance instance = backend.instance();
    if (byName.putIfAbsent(name(backend), backend) == null) {
      instance
          .labels()
          .forEach((label, value) ->
              byLabel
                  .computeIfAbsent(key(instance.namespace(), label, value), k -> new ArrayList<>())
                  .add(backend));
    }
  }

  private static String name(Backend backend) {
    String kind = backend.source() == Source.WORKLOAD_ENTRY ? ENTRY : "";
    return kind + backend.instance().namespace() + "/" + backend.instance().name();
  }

  /** Replicas, Pods and WorkloadEntries, ready or not, as they are by themselves. */
  public List<Backend> all() {
    return List.copyOf(byName.values());
  }

  /** The replica, Pod or WorkloadEntry of that name. */
  public Optional<Backend> named(String namespace, String name) {
    return Optional.ofNullable(byName.get(namespace + "/" + name))
        .or(() -> Optional.ofNullable(byName.get(ENTRY + namespace + "/" + name)));
  }

  /**
   * Who stands for the replica or Pod in the slices of a service that selects nobody itself; empty
   * where they do not name it.
   */
  public Optional<Backend> named(MeshService service, String namespace, String name) {
    return service.namespace().equals(namespace)
            && service.backing() instanceof Backing.Workloads workloads
            && workloads.selector().isEmpty()
        ? of(service).stream().filter(backend -> backend.instance().name().equals(name)).findFirst()
        : Optional.empty();
  }

  /** True where slices of a Service name the Pod. */
  public boolean isNamed(String namespace, String name) {
    return written.slices().isNamed(namespace, name);
  }

  /** The Service behind what is known as one; empty for hosts of ServiceEntries. */
  public Optional<Service> service(MeshService service) {
    return service.backing() instanceof Backing.External
        ? Optional.empty()
        : Optional.ofNullable(written.services().get(service.namespace() + "/" + service.name()));
  }

  /** Those of a service, whether they answer or not, ordered by source and name. */
  public List<Backend> of(MeshService service) {
    return known.computeIfAbsent(
        // Namespaces may have different services of one host.
        service.hostname() + " of " + service.namespace() + "/" + service.name(),
        _ ->
            lastResort(
                switch (service.backing()) {
                  case Backing.Alias _ -> List.of();
                  case Backing.External(var entry) -> ofEntry(entry);
                  case Backing.Workloads workloads -> ofService(service, workloads);
                }));
  }

  /** Who leaves and still serves is taken where nobody is ready. */
  public static List<Backend> lastResort(List<Backend> backends) {
    boolean someReady = backends.stream().anyMatch(backend -> backend.state() == State.READY);
    return backends.stream()
        .map(backend ->
            switch (backend.state()) {
              case READY, NOT_READY -> backend;
              case LEAVING, LAST_RESORT ->
                  backend.in(someReady ? State.LEAVING : State.LAST_RESORT);
            })
        .toList();
  }

  private List<Backend> ofService(MeshService service, Backing.Workloads workloads) {
    Optional<Service> declared = service(service);
    List<Backend> selected = selected(service.namespace(), workloads);
    List<Backend> found = new ArrayList<>(from(Source.REPLICA, selected));
    boolean unready = declared.map(Service::publishNotReadyAddresses).orElse(false);
    if (found.isEmpty()) {
      Optional<List<Backend>> told = declared.flatMap(written.slices()::of);
      // Slices say for themselves whether unready ones are published.
      found.addAll(
          told.orElseGet(() -> published(pods(declared, from(Source.POD, selected)), unready)));
    } else {
      found = new ArrayList<>(published(found, unready));
    }
    from(Source.WORKLOAD_ENTRY, selected).stream().filter(Residents::isLiteral).forEach(found::add);
    return found;
  }

  private static List<Backend> published(List<Backend> backends, boolean unready) {
    return unready ? backends.stream().map(backend -> backend.in(State.READY)).toList() : backends;
  }

  /** Pods at their addresses of the version that the Service has. */
  private List<Backend> pods(Optional<Service> service, List<Backend> pods) {
    Optional<AddressType> family =
        service.flatMap(declared -> declared.ipFamilies().stream().findFirst());
    if (family.isEmpty()) {
      return pods;
    }
    List<Backend> there = new ArrayList<>();
    for (Backend backend : pods) {
      Pod pod = written.pods().get(name(backend));
      if (pod != null) {
        pod.addresses().stream()
            .filter(address -> (address.indexOf(':') >= 0) == (family.get() == AddressType.IPV6))
            .findFirst()
            .ifPresent(address -> there.add(backend.at(address)));
      }
    }
    return there;
  }

  private List<Backend> ofEntry(ServiceEntry entry) {
    String namespace = entry.metadata().namespace();
    List<Backend> all =
        entry
            .workloadSelector()
            .map(labels -> selected(namespace, new Backing.Workloads(labels, false)))
            .map(selected -> {
              List<Backend> found = new ArrayList<>(from(Source.REPLICA, selected));
              if (found.isEmpty()) {
                found.addAll(from(Source.POD, selected));
              }
              found.addAll(from(Source.WORKLOAD_ENTRY, selected));
              return found;
            })
            .orElseGet(() ->
                new ArrayList<>(
                    entry.endpoints().stream()
                        .filter(endpoint -> !endpoint.address().isEmpty())
                        .map(endpoint -> Residents.inline(namespace, endpoint))
                        .toList()));
    // Names are asked for by the cluster; nobody asks for those of others.
    return switch (entry.resolution()) {
      case DNS -> all.stream().filter(backend -> !Residents.isPipe(backend)).toList();
      case STATIC, NONE -> all.stream().filter(Residents::isLiteral).toList();
    };
  }

  private static List<Backend> from(Source source, List<Backend> backends) {
    return backends.stream().filter(backend -> backend.source() == source).toList();
  }

  /** By the rarest label of the selector. */
  private List<Backend> selected(String namespace, Backing.Workloads selector) {
    return selector.selector().entrySet().stream()
        .map(label ->
            byLabel.getOrDefault(key(namespace, label.getKey(), label.getValue()), List.of()))
        .min(Comparator.comparingInt(List::size))
        .orElse(List.of())
        .stream()
        .filter(backend -> selector.selects(backend.instance().labels()))
        .toList();
  }

  private static String key(String namespace, String label, String value) {
    return namespace + "/" + label + "=" + value;
  }
}
