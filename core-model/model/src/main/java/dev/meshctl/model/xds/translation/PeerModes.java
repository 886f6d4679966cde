package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.PeerAuthentication;
import dev.meshctl.model.resource.PeerAuthentication.Mode;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Which PeerAuthentication speaks for a port of a workload: its own, else its namespace's, else the
 * root namespace's, else PERMISSIVE. Of several at one level the first by name.
 */
final class PeerModes {
  private final List<PeerAuthentication> policies;
  private final String rootNamespace;

  PeerModes(ValidatedMesh mesh) {
    this.policies = mesh.all(PeerAuthentication.class);
    this.rootNamespace = mesh.rootNamespace();
  }

  /** Never {@link Mode#UNSET}. */
  Mode mode(String namespace, Map<String, String> labels, int port) {
    Optional<PeerAuthentication> own =
        first(policy ->
            policy.metadata().namespace().equals(namespace)
                && !policy.selector().isEmpty()
                && labels.entrySet().containsAll(policy.selector().entrySet()));
    Optional<Mode> ofPort =
        own.map(policy -> policy.portLevelModes().getOrDefault(port, Mode.UNSET));
    return ofPort
        .filter(PeerModes::isSet)
        .or(() -> own.map(PeerAuthentication::mode).filter(PeerModes::isSet))
        .or(() -> ofNamespace(namespace))
        .or(() -> ofNamespace(rootNamespace))
        .orElse(Mode.PERMISSIVE);
  }

  private Optional<Mode> ofNamespace(String namespace) {
    return first(policy ->
            policy.metadata().namespace().equals(namespace) && policy.selector().isEmpty())
        .map(PeerAuthentication::mode)
        .filter(PeerModes::isSet);
  }

  private Optional<PeerAuthentication> first(Predicate<PeerAuthentication> condition) {
    return policies.stream().filter(condition).findFirst();
  }

  private static boolean isSet(Mode mode) {
    return mode != Mode.UNSET;
  }
}
