package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.BackendRef;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.VirtualService.Destination;
import dev.meshctl.model.traffic.Grants;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.traffic.ServiceRegistry;
import dev.meshctl.model.xds.ClusterNames;
import dev.meshctl.model.xds.Retry;
import java.util.Optional;
import java.util.Set;

/**
 * What routes lead to, by name of cluster. A destination that does not exist is the black hole: its
 * share of requests is answered with 503, and nobody else's.
 *
 * @param retry of what says nothing of retries
 */
record Destinations(
    ServiceRegistry services, Set<String> clusters, Grants grants, Optional<Retry> retry) {

  /**
   * @param namespace of the resource that names the destination
   * @param listenerPort taken where the destination names no port and its service has several
   */
  String cluster(Destination destination, String namespace, int listenerPort) {
    return services
        .find(destination.host(), namespace)
        .map(services::behind)
        .map(service ->
            existing(
                ClusterNames.outbound(
                    port(service, destination.port(), listenerPort),
                    destination.subset(),
                    service.hostname())))
        .orElse(ClusterNames.BLACK_HOLE);
  }

  private static int port(MeshService service, int named, int listenerPort) {
    if (named != 0) {
      return named;
    }
    return service.ports().size() == 1 ? service.ports().getFirst().number() : listenerPort;
  }

  /**
   * Empty where there is no such Service or port, {@code from} may not refer to it, or a filter
   * before it is not known, for which the Gateway API asks a 500.
   */
  Optional<String> cluster(BackendRef backend, MeshResource from) {
    if (backend.blocked() || !backend.isService() || !grants.permit(from, backend.target())) {
      return Optional.empty();
    }
    return services
        .find(HostNames.ofService(backend.namespace(), backend.name()))
        .map(services::behind)
        .map(service ->
            ClusterNames.outbound(
                port(service, backend.port(), backend.port()), "", service.hostname()))
        .filter(clusters::contains);
  }

  String cluster(MeshService service, int port) {
    return existing(ClusterNames.outbound(port, "", services.behind(service).hostname()));
  }

  private String existing(String name) {
    return clusters.contains(name) ? name : ClusterNames.BLACK_HOLE;
  }
}
