package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.PortRef;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.resource.ServiceEntry;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Every host that traffic can be sent to, by full name. A Kubernetes Service wins over a
 * ServiceEntry of the same host; among ServiceEntries the first by namespace and name.
 *
 * <p>Threads: any; immutable.
 */
public final class ServiceRegistry {
  private static final int MAX_ALIASES = 8;

  private final Map<String, MeshService> byHost;
  private final List<MeshService> wildcards;

  private ServiceRegistry(Map<String, MeshService> byHost) {
    this.byHost = byHost;
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
    Map<String, MeshService> byHost = new TreeMap<>();
    for (MeshResource resource : resources) {
      if (resource instanceof Service service) {
        MeshService known = ofService(service);
        byHost.putIfAbsent(known.hostname(), known);
      }
    }
    resources.stream()
        .filter(ServiceEntry.class::isInstance)
        .map(ServiceEntry.class::cast)
        .sorted(Comparator.comparing(entry -> entry.id().toString()))
        .forEach(entry -> addHosts(entry, byHost));
    return new ServiceRegistry(byHost);
  }

  /** All services, ordered by host name. */
  public List<MeshService> all() {
    return List.copyOf(byHost.values());
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

  private static MeshService ofService(Service service) {
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
    return new MeshService(HostNames.ofService(namespace, name), namespace, name, ports, backing);
  }

  private static String withoutDot(String dnsName) {
    String lower = dnsName.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  private static void addHosts(ServiceEntry entry, Map<String, MeshService> byHost) {
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
      byHost.putIfAbsent(
          lower,
          new MeshService(
              lower,
              entry.metadata().namespace(),
              entry.metadata().name(),
              ports,
              new MeshService.Backing.External(entry)));
    }
  }
}
