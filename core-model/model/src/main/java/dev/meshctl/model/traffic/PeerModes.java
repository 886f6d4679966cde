package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.PeerAuthentication;
import dev.meshctl.model.resource.PeerAuthentication.Mode;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a workload accepts from its peers (Istio's order): the policy that selects the workload,
 * then that of its namespace, then that of the root namespace; {@code UNSET} asks the next one.
 *
 * <p>Threads: any; immutable.
 */
public final class PeerModes {
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
   * The mode of a workload's port; {@code PERMISSIVE} where nothing is said. Never {@code UNSET}.
   *
   * @param port that the workload listens on, 0 for any that has no mode of its own
   */
  public Mode mode(String namespace, Map<String, String> labels, int port) {
    Optional<PeerAuthentication> own =
        policies.stream()
            .filter(policy -> policy.metadata().namespace().equals(namespace))
            .filter(policy -> !policy.selector().isEmpty())
            .filter(policy -> labels.entrySet().containsAll(policy.selector().entrySet()))
            .findFirst();
    Mode atPort =
        own.map(p -> p.portLevelModes().getOrDefault(port, Mode.UNSET)).orElse(Mode.UNSET);
    if (atPort != Mode.UNSET) {
      return atPort;
    }
    return own.map(PeerAuthentication::mode)
        .filter(mode -> mode != Mode.UNSET)
        .or(() -> wholeNamespace(namespace))
        .or(() -> wholeNamespace(rootNamespace))
        .orElse(Mode.PERMISSIVE);
  }

  private Optional<Mode> wholeNamespace(String namespace) {
    return policies.stream()
        .filter(policy -> policy.metadata().namespace().equals(namespace))
        .filter(policy -> policy.selector().isEmpty())
        .findFirst()
        .map(PeerAuthentication::mode)
        .filter(mode -> mode != Mode.UNSET);
  }
}
