package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.GrpcRoute;
import dev.meshctl.model.resource.HttpRoute;
import dev.meshctl.model.resource.MeshConfig;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.ParentRef;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

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

  /** Of those that say nothing of it. */
  private final List<String> exportTo;

  private final ByHost<VirtualService> virtualServicesByHost = new ByHost<>();
  private final ByHost<HttpRoute> httpRoutes = new ByHost<>();
  private final ByHost<GrpcRoute> grpcRoutes = new ByHost<>();

  private MeshRoutes(Collection<? extends MeshResource> resources) {
    Delegation delegation = Delegation.of(resources);
    this.exportTo = MeshConfig.in(resources).virtualServiceExportTo();
    this.virtualServices =
        Precedence.ordered(resources, VirtualService.class, Precedence.ISTIO).stream()
            .filter(MeshRoutes::isForSidecars)
            .map(delegation::whole)
            .toList();
    virtualServices.forEach(
        virtualService -> virtualServicesByHost.add(virtualService, fullHosts(virtualService)));
    Precedence.ordered(resources, HttpRoute.class, Precedence.GATEWAY_API)
        .forEach(route -> httpRoutes.add(route, services(route.parents())));
    Precedence.ordered(resources, GrpcRoute.class, Precedence.GATEWAY_API)
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

  /**
   * All VirtualServices of the sidecars in a namespace, in Istio's order: those that the namespace
   * keeps to itself, then those exported to it by name, then those exported to everyone; each by
   * {@link Precedence#ISTIO}.
   */
  public List<VirtualService> virtualServices(String clientNamespace) {
    return virtualServices.stream()
        .filter(virtualService -> isVisible(virtualService, clientNamespace))
        .sorted(Comparator.comparingInt(virtualService -> rank(virtualService, clientNamespace)))
        .toList();
  }

  private boolean isVisible(VirtualService virtualService, String clientNamespace) {
    return Visibility.reaches(
        exportTo(virtualService), virtualService.metadata().namespace(), clientNamespace);
  }

  private List<String> exportTo(VirtualService virtualService) {
    return virtualService.exportTo().isEmpty() ? exportTo : virtualService.exportTo();
  }

  private int rank(VirtualService virtualService, String clientNamespace) {
    if (Visibility.isPublic(exportTo(virtualService))) {
      return 2;
    }
    return virtualService.metadata().namespace().equals(clientNamespace) ? 0 : 1;
  }

  /**
   * The VirtualServices for a full host name, the one in force first: that with the most specific
   * host, then the first as in {@link #virtualServices(String)}. They are not merged; the second
   * counts only where the first says nothing at all of a protocol or a port.
   */
  public List<VirtualService> virtualServices(String hostname, String clientNamespace) {
    return virtualServicesByHost.matching(hostname).stream()
        .filter(virtualService -> isVisible(virtualService, clientNamespace))
        .sorted(
            Comparator.comparing(
                    (VirtualService virtualService) ->
                        bestHost(virtualService, hostname).orElse(HostNames.ANY),
                    HostNames.MOST_SPECIFIC_FIRST)
                .thenComparingInt(virtualService -> rank(virtualService, clientNamespace)))
        .toList();
  }

  /** The first of {@link #virtualServices(String, String)}. */
  public Optional<VirtualService> virtualService(String hostname, String clientNamespace) {
    return virtualServices(hostname, clientNamespace).stream().findFirst();
  }

  /**
   * HTTPRoutes whose parent is the service, as clients in a namespace see them, the oldest first.
   * Routes in the client's own namespace (consumer routes) stand in for those in the service's
   * (producer routes); routes elsewhere do not count (GEP-1294).
   */
  public List<HttpRoute> httpRoutes(MeshService service, String clientNamespace) {
    return httpRoutes(service, clientNamespace, route -> true);
  }

  /** Among those that a client's Sidecar imports. */
  List<HttpRoute> httpRoutes(
      MeshService service, String clientNamespace, Predicate<MeshResource> imported) {
    return routes(httpRoutes, service, clientNamespace, imported);
  }

  /** GRPCRoutes whose parent is the service; see {@link #httpRoutes}. */
  public List<GrpcRoute> grpcRoutes(MeshService service, String clientNamespace) {
    return grpcRoutes(service, clientNamespace, route -> true);
  }

  /** Among those that a client's Sidecar imports. */
  List<GrpcRoute> grpcRoutes(
      MeshService service, String clientNamespace, Predicate<MeshResource> imported) {
    return routes(grpcRoutes, service, clientNamespace, imported);
  }

  private static <R extends MeshResource> List<R> routes(
      ByHost<R> all,
      MeshService service,
      String clientNamespace,
      Predicate<MeshResource> imported) {
    List<R> bound = all.matching(service.hostname()).stream().filter(imported).toList();
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
}
