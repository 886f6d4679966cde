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
import java.util.function.Function;

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
  private final List<HttpRoute> httpRoutes;
  private final List<GrpcRoute> grpcRoutes;

  private MeshRoutes(Collection<? extends MeshResource> resources) {
    this.virtualServices =
        ordered(resources, VirtualService.class).stream()
            .filter(MeshRoutes::isForSidecars)
            .toList();
    this.httpRoutes = ordered(resources, HttpRoute.class);
    this.grpcRoutes = ordered(resources, GrpcRoute.class);
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
        .filter(virtualService ->
            Visibility.reaches(
                virtualService.exportTo(), virtualService.metadata().namespace(), clientNamespace))
        .toList();
  }

  /**
   * The VirtualService for a full host name: the client's own namespace first, then the most
   * specific host, then the first by namespace and name.
   */
  public Optional<VirtualService> virtualService(String hostname, String clientNamespace) {
    return virtualServices(clientNamespace).stream()
        .filter(virtualService -> bestHost(virtualService, hostname).isPresent())
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
    return routes(httpRoutes, HttpRoute::parents, service, clientNamespace);
  }

  /** GRPCRoutes whose parent is the service; see {@link #httpRoutes}. */
  public List<GrpcRoute> grpcRoutes(MeshService service, String clientNamespace) {
    return routes(grpcRoutes, GrpcRoute::parents, service, clientNamespace);
  }

  private static <R extends MeshResource> List<R> routes(
      List<R> all,
      Function<R, List<ParentRef>> parents,
      MeshService service,
      String clientNamespace) {
    List<R> bound =
        all.stream()
            .filter(route -> parents.apply(route).stream().anyMatch(p -> isService(p, service)))
            .toList();
    List<R> consumer = in(clientNamespace, bound);
    return consumer.isEmpty() ? in(service.namespace(), bound) : consumer;
  }

  private static <R extends MeshResource> List<R> in(String namespace, List<R> routes) {
    return routes.stream().filter(route -> route.metadata().namespace().equals(namespace)).toList();
  }

  private static boolean isService(ParentRef parent, MeshService service) {
    return parent.kind() == ParentRef.Kind.SERVICE
        && HostNames.ofService(parent.namespace(), parent.name()).equals(service.hostname());
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
