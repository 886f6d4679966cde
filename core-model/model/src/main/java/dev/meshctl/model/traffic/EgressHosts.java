package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.Sidecar;
import dev.meshctl.model.resource.VirtualService;
import java.util.List;
import java.util.function.BiPredicate;

/**
 * The hosts of one egress listener, as they are meant in a client's namespace: what one of them
 * lets in and none takes out.
 *
 * <p>Threads: any; immutable.
 */
public record EgressHosts(List<Sidecar.Host> hosts, String clientNamespace) {

  /** A service whose host is, or is below, one that is let in. */
  public boolean imports(MeshService service) {
    return imports(service.namespace(), service.hostname(), HostNames::matches);
  }

  /** A route of a namespace that speaks for a service. */
  boolean importsRoute(String namespace, MeshService service) {
    return imports(namespace, service.hostname(), HostNames::matches);
  }

  /**
   * A VirtualService of which one host overlaps with one that is let in: {@code *.example.com} is
   * let in by {@code a.example.com} too.
   */
  public boolean imports(VirtualService virtualService) {
    return MeshRoutes.fullHosts(virtualService).stream()
        .anyMatch(host ->
            imports(
                virtualService.metadata().namespace(),
                host,
                (pattern, name) ->
                    HostNames.matches(pattern, name) || HostNames.matches(name, pattern)));
  }

  private boolean imports(String namespace, String name, BiPredicate<String, String> matches) {
    return hosts.stream()
            .anyMatch(host ->
                !host.excluded() && covers(host, namespace) && matches.test(host.name(), name))
        && hosts.stream()
            .noneMatch(host ->
                host.excluded() && covers(host, namespace) && HostNames.matches(host.name(), name));
  }

  private boolean covers(Sidecar.Host host, String namespace) {
    return switch (host.namespace()) {
      case Sidecar.Host.ANY_NAMESPACE -> true;
      case Sidecar.Host.OWN_NAMESPACE -> namespace.equals(clientNamespace);
      default -> host.namespace().equals(namespace);
    };
  }
}
