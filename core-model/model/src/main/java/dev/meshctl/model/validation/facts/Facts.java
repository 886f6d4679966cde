package dev.meshctl.model.validation.facts;

import dev.meshctl.model.resource.EndpointSlice;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.Namespace;
import dev.meshctl.model.resource.Owner;
import dev.meshctl.model.resource.Pod;
import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.resource.ServiceAccount;
import dev.meshctl.model.resource.Workload;
import dev.meshctl.model.resource.WorkloadEntry;
import dev.meshctl.model.resource.WorkloadGroup;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.DestinationRules;
import dev.meshctl.model.traffic.Grants;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.traffic.ListenerRules;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.traffic.PeerModes;
import dev.meshctl.model.traffic.ServiceRegistry;
import dev.meshctl.model.validation.TlsSecrets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What all checks look at: the resources without duplicates, and look-ups over them. */
public final class Facts {
  private final Map<ResourceId, Located<? extends MeshResource>> byId = new LinkedHashMap<>();
  private final Set<String> broken;
  private final boolean incomplete;
  private final ServiceRegistry services;
  private final DestinationRules destinationRules;
  private final PeerModes peerModes;
  private final Grants grants;
  private final ListenerRules listenerRules;
  private final TlsSecrets secrets;
  private final Optional<Instant> now;
  private final String rootNamespace;
  private final Map<String, List<Member>> members = new HashMap<>();
  private final Map<MeshService, List<Member>> workloads = new HashMap<>();
  private final Set<String> sliced = new HashSet<>();

  /**
   * @param broken subjects that could not be read, so that what refers to them is not dangling
   * @param incomplete whole documents could not be read, so that nothing can be called dangling
   * @param now empty where nothing may hang on it
   */
  public Facts(
      List<Located<? extends MeshResource>> resources,
      String rootNamespace,
      Set<String> broken,
      boolean incomplete,
      Optional<Instant> now) {
    for (Located<? extends MeshResource> located : resources) {
      byId.put(located.resource().id(), located);
    }
    this.rootNamespace = rootNamespace;
    this.broken = broken;
    this.incomplete = incomplete;
    List<MeshResource> plain = new ArrayList<>();
    resources.forEach(located -> plain.add(located.resource()));
    Workload.topmost(plain).stream().map(Member::of).forEach(this::add);
    for (Located<EndpointSlice> slice : all(EndpointSlice.class)) {
      String namespace = slice.resource().metadata().namespace();
      slice.resource().serviceName().ifPresent(name -> sliced.add(namespace + "/" + name));
    }
    for (Located<Pod> pod : all(Pod.class)) {
      String namespace = pod.resource().metadata().namespace();
      if (!pod.resource().finished() && !isMade(pod.resource().owner(), namespace)) {
        add(Member.of(pod.resource()));
      }
    }
    all(WorkloadEntry.class).forEach(entry -> add(Member.of(entry.resource())));
    all(WorkloadGroup.class).forEach(group -> add(Member.of(group.resource())));
    this.services = ServiceRegistry.of(plain);
    this.destinationRules = DestinationRules.of(plain, rootNamespace);
    this.peerModes = PeerModes.of(plain, rootNamespace);
    this.grants = Grants.of(plain);
    this.listenerRules = ListenerRules.of(plain);
    this.secrets = TlsSecrets.of(plain);
    this.now = now;
  }

  private void add(Member member) {
    members.computeIfAbsent(member.id().namespace(), _ -> new ArrayList<>()).add(member);
  }

  /** Its maker is there, and speaks for it. */
  public boolean isMade(Optional<Owner> owner, String namespace) {
    return owner.filter(maker -> byId.containsKey(maker.in(namespace))).isPresent();
  }

  public ServiceRegistry services() {
    return services;
  }

  public DestinationRules destinationRules() {
    return destinationRules;
  }

  public PeerModes peerModes() {
    return peerModes;
  }

  public Grants grants() {
    return grants;
  }

  public ListenerRules listenerRules() {
    return listenerRules;
  }

  public TlsSecrets secrets() {
    return secrets;
  }

  public Optional<Instant> now() {
    return now;
  }

  public String rootNamespace() {
    return rootNamespace;
  }

  public List<MeshResource> plain() {
    List<MeshResource> plain = new ArrayList<>();
    byId.values().forEach(located -> plain.add(located.resource()));
    return plain;
  }

  /** All of one type, with their places. */
  public <R extends MeshResource> List<Located<R>> all(Class<R> type) {
    List<Located<R>> all = new ArrayList<>();
    for (Located<? extends MeshResource> located : byId.values()) {
      if (type.isInstance(located.resource())) {
        all.add(new Located<>(type.cast(located.resource()), located.fields()));
      }
    }
    return all;
  }

  public Optional<MeshResource> find(String kind, String namespace, String name) {
    return Optional.ofNullable(byId.get(new ResourceId(kind, namespace, name)))
        .map(Located::resource);
  }

  /** True where a resource may exist although it was not read. */
  public boolean mayExist(String kind, String namespace, String name) {
    return incomplete || broken.contains(new ResourceId(kind, namespace, name).toString());
  }

  /** True where services may exist although they were not read. */
  public boolean servicesMayExist() {
    return incomplete || broken.stream().anyMatch(subject -> subject.startsWith("Service"));
  }

  /** True where it is written down who answers for a Service, whomever it selects. */
  public boolean hasEndpoints(Service service) {
    String namespace = service.metadata().namespace();
    String name = service.metadata().name();
    return byId.containsKey(new ResourceId("Endpoints", namespace, name))
        || sliced.contains(namespace + "/" + name);
  }

  /** Everything that could stand behind a service. */
  public List<Member> members() {
    return members.values().stream().flatMap(List::stream).toList();
  }

  /** The same of one namespace. */
  public List<Member> members(String namespace) {
    return members.getOrDefault(namespace, List.of());
  }

  /** True where workloads may exist although they were not read. */
  public boolean membersMayExist() {
    return mayBeIncomplete();
  }

  /** True where something was not read, so that nothing can be called unused. */
  public boolean mayBeIncomplete() {
    return incomplete || !broken.isEmpty();
  }

  /** Those that anything is in, or that are declared. */
  public Set<String> namespaces() {
    Set<String> all = new TreeSet<>();
    for (Located<? extends MeshResource> located : byId.values()) {
      MeshResource resource = located.resource();
      all.add(
          resource instanceof Namespace
              ? resource.metadata().name()
              : resource.metadata().namespace());
    }
    all.remove("");
    return all;
  }

  /** One that is known, or that every cluster has, or that was not read. */
  public boolean namespaceMayExist(String namespace) {
    return mayBeIncomplete()
        || namespace.equals(rootNamespace)
        || namespace.equals("default")
        || namespace.startsWith("kube-")
        || namespaces().contains(namespace);
  }

  /** Identities in a namespace: accounts that are declared or used. */
  public Set<String> accounts(String namespace) {
    Set<String> all = new TreeSet<>();
    for (Located<? extends MeshResource> located : byId.values()) {
      if (located.resource().metadata().namespace().equals(namespace)) {
        switch (located.resource()) {
          case ServiceAccount account -> all.add(account.metadata().name());
          case Workload workload -> all.add(workload.template().serviceAccount());
          case Pod pod -> all.add(pod.serviceAccount());
          case WorkloadEntry entry -> all.add(entry.spec().serviceAccount());
          case WorkloadGroup group -> all.add(group.template().serviceAccount());
          default -> {}
        }
      }
    }
    return all;
  }

  /** True where a host may be served although its declaration was not read. */
  public boolean hostMayExist(String fullHost) {
    return incomplete
        || broken.stream()
            .anyMatch(subject ->
                subject.startsWith("ServiceEntry ")
                    || (subject.startsWith("Service ")
                        && fullHost.equals(hostOf(subject.substring("Service ".length())))));
  }

  /** What a service selects, or what its ServiceEntry lists. */
  public List<Member> workloads(MeshService service) {
    Map<String, String> selector =
        switch (service.backing()) {
          case MeshService.Backing.Workloads pods -> pods.selector();
          case MeshService.Backing.Alias _ -> Map.of();
          case MeshService.Backing.External(var entry) -> entry.workloadSelector().orElse(Map.of());
        };
    if (selector.isEmpty()) {
      return service.backing() instanceof MeshService.Backing.External(var entry)
          ? entry.endpoints().stream().map(one -> Member.of(entry.id(), one)).toList()
          : List.of();
    }
    return workloads.computeIfAbsent(
        service,
        _ ->
            members.getOrDefault(service.namespace(), List.of()).stream()
                .filter(member -> member.carries(selector))
                .toList());
  }

  private static String hostOf(String namespaceAndName) {
    int slash = namespaceAndName.indexOf('/');
    return HostNames.ofService(
        namespaceAndName.substring(0, Math.max(slash, 0)), namespaceAndName.substring(slash + 1));
  }
}
