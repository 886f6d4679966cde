package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.GatewayRoute;
import dev.meshctl.model.resource.IstioGateway;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.MeshConfig;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.ParentRef;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.Collection;
import java.util.List;

/**
 * Which routes are bound to which gateway, and for which hosts.
 *
 * <p>Threads: any; immutable.
 */
public final class GatewayBindings {
  private final List<VirtualService> virtualServices;

  /** Of VirtualServices that say nothing of it. */
  private final List<String> exportTo;

  private final List<GatewayRoute> routes;

  private final ListenerRules rules;

  private GatewayBindings(Collection<? extends MeshResource> resources) {
    this.rules = ListenerRules.of(resources);
    this.exportTo = MeshConfig.in(resources).virtualServiceExportTo();
    this.virtualServices =
        Precedence.ordered(resources, VirtualService.class, Precedence.ISTIO).stream()
            .map(Delegation.of(resources)::whole)
            .toList();
    this.routes = Precedence.ordered(resources, GatewayRoute.class, Precedence.GATEWAY_API);
  }

  public static GatewayBindings of(ValidatedMesh mesh) {
    return of(mesh.resources().stream().map(Located::resource).toList());
  }

  /** Of resources that may not be validated yet. */
  public static GatewayBindings of(Collection<? extends MeshResource> resources) {
    return new GatewayBindings(resources);
  }

  /**
   * A route with the hosts it answers for on a gateway: what the gateway allows and the route asks
   * for. Never empty.
   */
  public record Bound<R extends MeshResource>(R route, List<String> hosts) {
    public Bound {
      hosts = List.copyOf(hosts);
    }
  }

  /**
   * VirtualServices on a server of an Istio Gateway, the oldest first, then by name ({@link
   * Precedence#ISTIO}). A server's host may be narrowed to a namespace ({@code shop/*.example.com},
   * {@code ./*}).
   */
  public List<Bound<VirtualService>> virtualServices(
      IstioGateway gateway, IstioGateway.Server server) {
    return virtualServices.stream()
        .filter(virtualService -> names(virtualService, gateway))
        .filter(virtualService ->
            Visibility.reaches(
                virtualService.exportTo().isEmpty() ? exportTo : virtualService.exportTo(),
                virtualService.metadata().namespace(),
                gateway.metadata().namespace()))
        .map(virtualService ->
            new Bound<>(virtualService, sharedHosts(gateway, server, virtualService)))
        .filter(bound -> !bound.hosts().isEmpty())
        .toList();
  }

  /** Routes of one kind on a listener of a Gateway API gateway, ordered by namespace and name. */
  public <R extends GatewayRoute> List<Bound<R>> routes(
      Class<R> kind, KubernetesGateway gateway, KubernetesGateway.Listener listener) {
    return routes.stream()
        .filter(kind::isInstance)
        .map(kind::cast)
        .filter(route -> attaches(route, gateway, listener))
        .map(route -> new Bound<>(route, sharedHosts(listener.hostname(), route.hostnames())))
        .filter(bound -> !bound.hosts().isEmpty())
        .toList();
  }

  /**
   * A gateway's full name ({@code namespace/name}) as a VirtualService in {@code namespace} means
   * it. The reserved {@code mesh} stays as it is.
   */
  public static String fullName(String gateway, String namespace) {
    if (gateway.equals(MeshRoutes.MESH)) {
      return gateway;
    }
    if (gateway.startsWith("./")) {
      return namespace + gateway.substring(1);
    }
    return gateway.contains("/") ? gateway : namespace + "/" + gateway;
  }

  private static boolean names(VirtualService virtualService, IstioGateway gateway) {
    String wanted = gateway.metadata().namespace() + "/" + gateway.metadata().name();
    String namespace = virtualService.metadata().namespace();
    return virtualService.gateways().stream()
        .anyMatch(name -> fullName(name, namespace).equals(wanted));
  }

  private static List<String> sharedHosts(
      IstioGateway gateway, IstioGateway.Server server, VirtualService virtualService) {
    String from = virtualService.metadata().namespace();
    List<String> allowed =
        server.hosts().stream()
            .filter(host -> allowsNamespace(host, gateway.metadata().namespace(), from))
            .map(host -> host.substring(host.indexOf('/') + 1))
            .toList();
    return MeshRoutes.fullHosts(virtualService).stream()
        .flatMap(host -> allowed.stream().flatMap(a -> HostNames.intersect(a, host).stream()))
        .distinct()
        .toList();
  }

  private static boolean allowsNamespace(String host, String gatewayNamespace, String from) {
    int slash = host.indexOf('/');
    if (slash < 0) {
      return true;
    }
    String namespace = host.substring(0, slash);
    return namespace.equals("*")
        || namespace.equals(from)
        || (namespace.equals(".") && from.equals(gatewayNamespace));
  }

  private static List<String> sharedHosts(String listenerHost, List<String> routeHosts) {
    List<String> asked = routeHosts.isEmpty() ? List.of("") : routeHosts;
    return asked.stream()
        .flatMap(host -> HostNames.intersect(listenerHost, host).stream())
        .distinct()
        .toList();
  }

  private boolean attaches(
      GatewayRoute route, KubernetesGateway gateway, KubernetesGateway.Listener listener) {
    return ListenerRules.takesKind(listener, route.kind())
        && rules.takesFrom(gateway, listener, route.metadata().namespace())
        && route.parents().stream().anyMatch(parent -> names(parent, gateway, listener));
  }

  /** Whether a route's parent is this listener of this gateway. */
  public static boolean names(
      ParentRef parent, KubernetesGateway gateway, KubernetesGateway.Listener listener) {
    return parent.kind() == ParentRef.Kind.GATEWAY
        && parent.namespace().equals(gateway.metadata().namespace())
        && parent.name().equals(gateway.metadata().name())
        && (parent.sectionName().isEmpty() || parent.sectionName().equals(listener.name()))
        && (parent.port() == 0 || parent.port() == listener.port());
  }
}
