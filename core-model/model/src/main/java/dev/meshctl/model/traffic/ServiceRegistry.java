package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.MeshConfig;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.PortRef;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.resource.ServiceEntry;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Every host that traffic can be sent to, by full name. A Kubernetes Service wins over a
 * ServiceEntry of the same host; among ServiceEntries one of the client's own namespace, then the
 * first ({@link Precedence#ISTIO}).
 *
 * <p>Threads: any; immutable.
 */
public final class ServiceRegistry {
  private static final int MAX_ALIASES = 8;
  private static final String EXPORT_TO = "networking.istio.io/exportTo";

  private final List<MeshService> declared;
  private final Map<String, MeshService> byHost = new TreeMap<>();
  private final List<MeshService> all;
  private final List<MeshService> wildcards;
  private final Map<String, ServiceRegistry> byClient = new ConcurrentHashMap<>();

  /**
   * @param declared where several have one host, the first is taken
   */
  private ServiceRegistry(List<MeshService> declared) {
    this.declared = declared;
    declared.forEach(service -> byHost.putIfAbsent(service.hostname(), service));
    this.all = List.copyOf(byHost.values());
    this.wildcards =
        byHost.values().stream()
            .filter(service -> HostNames.isWildcard(service.hostname()))
            .sorted(Comparator.comparing(MeshService::hostname, HostNames.MOST_SPECIFIC_FIRST))
            .toList();
  }

  public static ServiceRegistry of(ValidatedMesh mesh) {
    return of(mesh.resources().stream().map(Located::resource).toList());
  }

  /** Of resources that may not be validated yet. */
  public static ServiceRegistry of(Collection<? extends MeshResource> resources) {
    List<String> exportTo = MeshConfig.in(resources).serviceExportTo();
    List<MeshService> declared = new ArrayList<>();
    Precedence.ordered(resources, Service.class, Precedence.ISTIO)
        .forEach(service -> declared.add(ofService(service, exportTo)));
    Precedence.ordered(resources, ServiceEntry.class, Precedence.ISTIO)
        .forEach(entry -> addHosts(entry, exportTo, declared));
    return new ServiceRegistry(declared);
  }

  /**
   * Those that a client's namespace sees. The same object where that is all of them, and for each
   * namespace always the same.
   */
  public ServiceRegistry visibleTo(String namespace) {
    if (all.size() == declared.size()
        && all.stream().allMatch(service -> Visibility.isPublic(service.exportTo()))) {
      return this;
    }
    return byClient.computeIfAbsent(
        namespace,
        client ->
            new ServiceRegistry(
                declared.stream()
                    .filter(service ->
                        Visibility.reaches(service.exportTo(), service.namespace(), client))
                    .sorted(Comparator.comparingInt(service -> rank(service, client)))
                    .toList()));
  }

  /**
   * Those that a client's namespace sees. Where several have one host, one that is {@code
   * preferred} is taken before others.
   */
  public ServiceRegistry visibleTo(String namespace, Predicate<MeshService> preferred) {
    return new ServiceRegistry(
        declared.stream()
            .filter(
                service -> Visibility.reaches(service.exportTo(), service.namespace(), namespace))
            .sorted(
                Comparator.comparing((MeshService service) -> !preferred.test(service))
                    .thenComparingInt(service -> rank(service, namespace)))
            .toList());
  }

  private static int rank(MeshService service, String client) {
    if (!(service.backing() instanceof MeshService.Backing.External)) {
      return 0;
    }
    return service.namespace().equals(client) ? 1 : 2;
  }

  /** All services, ordered by host name. */
  public List<MeshService> all() {
    return all;
  }

  /** The service of a full host name: the exact one, else the most specific wildcard. */
  public Optional<MeshService> find(String hostname) {
    String lower = hostname.toLowerCase(Locale.ROOT);
    MeshService exact = byHost.get(lower);
    return exact != null
        ? Optional.of(exact)
        : wildcards.stream()
            .filter(service -> HostNames.matches(service.hostname(), lower))
            .findFirst();
  }

  /** The service that {@code host} means, written by a resource in {@code namespace}. */
  public Optional<MeshService> find(String host, String namespace) {
    return find(HostNames.resolve(host, namespace));
  }

  /**
   * The service that a client in {@code namespace} calls {@code host}, as its resolver reads it:
   * {@code reviews}, {@code reviews.shop}, {@code reviews.shop.svc} or a full name.
   */
  public Optional<MeshService> named(String host, String namespace) {
    String[] parts = host.toLowerCase(Locale.ROOT).split("\\.");
    boolean qualified = parts.length == 2 || (parts.length == 3 && parts[2].equals("svc"));
    return (qualified ? service(parts[1], parts[0]) : Optional.<MeshService>empty())
        .or(() -> find(host, namespace));
  }

  /** The Service {@code namespace/name}. */
  public Optional<MeshService> service(String namespace, String name) {
    return Optional.ofNullable(byHost.get(HostNames.ofService(namespace, name)));
  }

  /**
   * Who answers in the end: follows ExternalName names while they lead to services of the mesh. The
   * result still is an {@link MeshService.Backing.Alias} where the name leads outside, or in a
   * circle.
   */
  public MeshService behind(MeshService service) {
    MeshService current = service;
    for (int step = 0; step < MAX_ALIASES; step++) {
      if (!(current.backing() instanceof MeshService.Backing.Alias alias)) {
        return current;
      }
      Optional<MeshService> next = find(alias.externalName());
      if (next.isEmpty()) {
        return current;
      }
      current = next.get();
    }
    return service;
  }

  private static MeshService ofService(Service service, List<String> exportTo) {
    String namespace = service.metadata().namespace();
    String name = service.metadata().name();
    List<MeshService.Port> ports =
        service.ports().stream()
            .map(port ->
                new MeshService.Port(port.name(), port.port(), port.targetPort(), port.protocol()))
            .toList();
    MeshService.Backing backing =
        service.type() == Service.Type.EXTERNAL_NAME
            ? new MeshService.Backing.Alias(withoutDot(service.externalName()))
            : new MeshService.Backing.Workloads(service.selector(), service.headless());
    return new MeshService(
        HostNames.ofService(namespace, name),
        namespace,
        name,
        ports,
        backing,
        exportTo(service.metadata(), exportTo),
        service.addresses());
  }

  /** What an annotation says of a Service, which has no field for it. */
  private static List<String> exportTo(Metadata metadata, List<String> otherwise) {
    List<String> written =
        Arrays.stream(metadata.annotations().getOrDefault(EXPORT_TO, "").split(","))
            .map(String::strip)
            .filter(namespace -> !namespace.isEmpty())
            .toList();
    return written.isEmpty() ? otherwise : written;
  }

  private static String withoutDot(String dnsName) {
    String lower = dnsName.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  private static void addHosts(
      ServiceEntry entry, List<String> exportTo, List<MeshService> declared) {
    List<MeshService.Port> ports =
        entry.ports().stream()
            .map(port ->
                new MeshService.Port(
                    port.name(),
                    port.number(),
                    new PortRef.Number(port.targetPort() == 0 ? port.number() : port.targetPort()),
                    port.protocol()))
            .toList();
    for (String host : entry.hosts()) {
      String lower = host.toLowerCase(Locale.ROOT);
      declared.add(
          new MeshService(
              lower,
              entry.metadata().namespace(),
              entry.metadata().name(),
              ports,
              new MeshService.Backing.External(entry),
              entry.exportTo().isEmpty() ? exportTo : entry.exportTo(),
              entry.hosts().size() == 1 ? entry.addresses() : List.of()));
    }
  }
}
