package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.BackendTlsPolicy;
import dev.meshctl.model.resource.MeshResource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Which BackendTLSPolicy holds for a port of a Service: one for the port by its name before one for
 * all ports, then the oldest.
 *
 * <p>Threads: any; immutable.
 */
public final class BackendPolicies {
  private final List<BackendTlsPolicy> policies;

  private BackendPolicies(List<BackendTlsPolicy> policies) {
    this.policies = policies;
  }

  /** Of resources that may not be validated yet. */
  public static BackendPolicies of(Collection<? extends MeshResource> resources) {
    return new BackendPolicies(
        Precedence.ordered(resources, BackendTlsPolicy.class, Precedence.GATEWAY_API));
  }

  public boolean isEmpty() {
    return policies.isEmpty();
  }

  public Optional<BackendTlsPolicy> of(MeshService service, int port) {
    String portName = service.port(port).map(MeshService.Port::name).orElse("");
    Optional<BackendTlsPolicy> ofPort =
        portName.isEmpty() ? Optional.empty() : first(service, portName);
    return ofPort.or(() -> first(service, ""));
  }

  private Optional<BackendTlsPolicy> first(MeshService service, String section) {
    return policies.stream()
        .filter(policy ->
            policy.targets().stream()
                .anyMatch(target ->
                    target.object().isCore("Service")
                        && target.sectionName().equals(section)
                        && isTarget(policy, target, service)))
        .findFirst();
  }

  private static boolean isTarget(
      BackendTlsPolicy policy, BackendTlsPolicy.Target target, MeshService service) {
    return service
        .hostname()
        .equals(HostNames.ofService(policy.metadata().namespace(), target.object().name()));
  }

  /** The policy that holds for a target in place of {@code policy}, if one does. */
  public Optional<BackendTlsPolicy> insteadOf(
      BackendTlsPolicy policy, BackendTlsPolicy.Target target) {
    return policies.stream()
        .filter(other -> other.metadata().namespace().equals(policy.metadata().namespace()))
        .filter(other -> other.targets().contains(target))
        .findFirst()
        .filter(other -> !other.equals(policy));
  }
}
