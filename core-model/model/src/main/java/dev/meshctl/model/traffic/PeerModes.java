package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.PeerAuthentication;
import dev.meshctl.model.resource.PeerAuthentication.Mode;
import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a workload accepts from its peers (Istio's order): the policy that selects the workload,
 * then that of its namespace, then that of the root namespace; {@code UNSET} asks the next one.
 *
 * <p>Threads: any; immutable.
 */
public final class PeerModes {
  private static final String MODE = "spec.mtls.mode";

  private final List<PeerAuthentication> policies;
  private final String rootNamespace;

  private PeerModes(List<PeerAuthentication> policies, String rootNamespace) {
    this.policies = policies;
    this.rootNamespace = rootNamespace;
  }

  public static PeerModes of(ValidatedMesh mesh) {
    return of(mesh.resources().stream().map(Located::resource).toList(), mesh.rootNamespace());
  }

  /** Of resources that may not be validated yet. */
  public static PeerModes of(Collection<? extends MeshResource> resources, String rootNamespace) {
    return new PeerModes(
        Precedence.ordered(resources, PeerAuthentication.class, Precedence.ISTIO), rootNamespace);
  }

  /**
   * A mode, and who says it.
   *
   * @param mode never {@code UNSET}
   * @param by the PeerAuthentication; empty where none says anything, so that the default holds
   * @param field of it
   */
  public record Decision(Mode mode, Optional<ResourceId> by, String field) {
    private static final Decision DEFAULT = new Decision(Mode.PERMISSIVE, Optional.empty(), "");

    private static Decision of(PeerAuthentication policy, Mode mode, String field) {
      return new Decision(mode, Optional.of(policy.id()), field);
    }
  }

  /**
   * The mode of a workload's port; {@code PERMISSIVE} where nothing is said. Never {@code UNSET}.
   *
   * @param port that the workload listens on, 0 for any that has no mode of its own
   */
  public Mode mode(String namespace, Map<String, String> labels, int port) {
    return decision(namespace, labels, port).mode();
  }

  /** As {@link #mode}, with what decides it. */
  public Decision decision(String namespace, Map<String, String> labels, int port) {
    Optional<PeerAuthentication> own = own(namespace, labels);
    if (own.isPresent()) {
      Mode atPort = own.get().portLevelModes().getOrDefault(port, Mode.UNSET);
      if (atPort != Mode.UNSET) {
        return Decision.of(own.get(), atPort, "spec.portLevelMtls." + port + ".mode");
      }
      if (own.get().mode() != Mode.UNSET) {
        return Decision.of(own.get(), own.get().mode(), MODE);
      }
    }
    return wholeNamespace(namespace)
        .or(() -> wholeNamespace(rootNamespace))
        .orElse(Decision.DEFAULT);
  }

  /** Ports of a workload for which a policy says something of its own. */
  public Set<Integer> ports(String namespace, Map<String, String> labels) {
    return own(namespace, labels).map(policy -> policy.portLevelModes().keySet()).orElse(Set.of());
  }

  private Optional<PeerAuthentication> own(String namespace, Map<String, String> labels) {
    return policies.stream()
        .filter(policy -> policy.metadata().namespace().equals(namespace))
        .filter(policy -> !policy.selector().isEmpty())
        .filter(policy -> labels.entrySet().containsAll(policy.selector().entrySet()))
        .findFirst();
  }

  private Optional<Decision> wholeNamespace(String namespace) {
    return policies.stream()
        .filter(policy -> policy.metadata().namespace().equals(namespace))
        .filter(policy -> policy.selector().isEmpty())
        .findFirst()
        .filter(policy -> policy.mode() != Mode.UNSET)
        .map(policy -> Decision.of(policy, policy.mode(), MODE));
  }
}
