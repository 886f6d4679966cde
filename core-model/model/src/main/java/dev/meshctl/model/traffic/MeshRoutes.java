package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.GrpcRoute;
import dev.meshctl.model.resource.HttpRoute;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.ParentRef;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What governs traffic between workloads, inside the mesh: VirtualServices bound to the reserved
 * gateway {@code mesh}, and Gateway API routes whose parent is a Service (GAMMA).
 *
 * <p>Threads: any; immutable.
 */
public final class MeshRoutes {
  /** The gateway that stands for all sidecars. */
  public static final String MESH = "mesh";

  private final List<VirtualService> virtualServices;
  private final ByHost<VirtualService> virtualServicesByHost = new ByHost<>();
  private final ByHost<HttpRoute> httpRoutes = new ByHost<>();
  private final ByHost<GrpcRoute> grpcRoutes = new ByHost<>();

  private MeshRoutes(Collection<? extends MeshResource> resources) {
    this.virtualServices =
        ordered(resources, VirtualService.class).stream()
            .filter(MeshRoutes::isForSidecars)
            .toList();
    virtualServices.forEach(
        virtualService -> virtualServicesByHost.add(virtualService, fullHosts(virtualService)));
    ordered(resources, HttpRoute.class)
        .forEach(route -> httpRoutes.add(route, services(route.parents())));
    ordered(resources, GrpcRoute.class)
        .forEach(route -> grpcRoutes.add(route, services(route.parents())));
  }

  public static MeshRoutes of(ValidatedMesh mesh) {
    return of(mesh.resources().stream().map(Located::resource).toList());
  }

  /** Of resources that may not be validated yet. */
  public static MeshRoutes of(Collection<? extends MeshResource> resources) {
    return new MeshRoutes(resources);
  }

  /** No gateway written means the sidecars. */
  public static boolean isForSidecars(VirtualService virtualService) {
    return virtualService.gateways().isEmpty() || virtualService.gateways().contains(MESH);
  }

  /** The hosts of a VirtualService, in full. */
  public static List<String> fullHosts(VirtualService virtualService) {
    return virtualService.hosts().stream()
        .map(host -> HostNames.resolve(host, virtualService.metadata().namespace()))
        .toList();
  }

  /** All VirtualServices of the sidecars in a namespace, ordered by namespace and name. */
  public List<VirtualService> virtualServices(String clientNamespace) {
    return virtualServices.stream()
        .filter(virtualService -> isVisible(virtualService, clientNamespace))
        .toList();
  }

  private static boolean isVisible(VirtualService virtualService, String clientNamespace) {
    return Visibility.reaches(
        virtualService.exportTo(), virtualService.metadata().namespace(), clientNamespace);
  }

  /**
   * The VirtualService for a full host name: the client's own namespace first, then the most
   * specific host, then the first by namespace and name.
   */
  public Optional<VirtualService> virtualService(String hostname, String clientNamespace) {
    return virtualServicesByHost.matching(hostname).stream()
        .filter(virtualService -> isVisible(virtualService, clientNamespace))
        .min(
            Comparator.<VirtualService, Boolean>comparing(virtualService ->
                    !virtualService.metadata().namespace().equals(clientNamespace))
                .thenComparing(
                    virtualService -> bestHost(virtualService, hostname).orElse(HostNames.ANY),
                    HostNames.MOST_SPECIFIC_FIRST));
  }

  /**
   * HTTPRoutes whose parent is the service, as clients in a namespace see them, ordered by
   * namespace and name. Routes in the client's own namespace (consumer routes) stand in for those
   * in the service's (producer routes); routes elsewhere do not count (GEP-1294).
   */
  public List<HttpRoute> httpRoutes(MeshService service, String clientNamespace) {
    return routes(httpRoutes, service, clientNamespace);
  }

  /** GRPCRoutes whose parent is the service; see {@link #httpRoutes}. */
  public List<GrpcRoute> grpcRoutes(MeshService service, String clientNamespace) {
    return routes(grpcRoutes, service, clientNamespace);
  }

  private static <R extends MeshResource> List<R> routes(
      ByHost<R> all, MeshService service, String clientNamespace) {
    List<R> bound = all.matching(service.hostname());
    List<R> consumer = in(clientNamespace, bound);
    return consumer.isEmpty() ? in(service.namespace(), bound) : consumer;
  }

  private static <R extends MeshResource> List<R> in(String namespace, List<R> routes) {
    return routes.stream().filter(route -> route.metadata().namespace().equals(namespace)).toList();
  }

  private static List<String> services(List<ParentRef> parents) {
    return parents.stream()
        .filter(parent -> parent.kind() == ParentRef.Kind.SERVICE)
        .map(parent -> HostNames.ofService(parent.namespace(), parent.name()))
        .toList();
  }

  private static Optional<String> bestHost(VirtualService virtualService, String hostname) {
    return fullHosts(virtualService).stream()
        .filter(host -> HostNames.matches(host, hostname))
        .min(HostNames.MOST_SPECIFIC_FIRST);
  }

  /** The resources of one type, by namespace and name. */
  static <R extends MeshResource> List<R> ordered(
      Collection<? extends MeshResource> resources, Class<R> type) {
    return resources.stream()
        .filter(type::isInstance)
        .map(type::cast)
        .sorted(Comparator.comparing(resource -> resource.id().toString()))
        .toList();
  }
}
