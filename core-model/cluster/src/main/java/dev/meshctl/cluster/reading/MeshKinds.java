package dev.meshctl.cluster.reading;

import dev.meshctl.model.resource.BackendTlsPolicy;
import dev.meshctl.model.resource.IstioGateway;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.ObjectRef;
import dev.meshctl.model.resource.Secret;
import dev.meshctl.model.source.kinds.KindCatalogue;
import dev.meshctl.model.source.kinds.KindCatalogue.Readable;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What of a cluster a mesh reads. */
final class MeshKinds {
  static final String SECRET = "Secret";
  static final String CONFIG_MAP = "ConfigMap";

  /**
   * Of what the catalogue reads from files, a cluster's Pods and EndpointSlices tell more: which
   * workload a pod is of follows from its owner's name, and Endpoints repeat slices.
   */
  private static final Set<String> TOLD_OTHERWISE =
      Set.of("ReplicaSet", "ReplicationController", "Job", "CronJob", "Endpoints", "IstioOperator");

  /** A ConfigMap of this name may hold the mesh's settings. */
  private static final String MESH_CONFIG = "istio";

  /** What a mesh writes itself, and mends where somebody else did. */
  private static final String TRUST_BUNDLE = "meshctl-ca-root-cert";

  private MeshKinds() {}

  /** Kinds that are watched whole. */
  static List<Readable> whole() {
    return KindCatalogue.readable().stream()
        .filter(kind -> !TOLD_OTHERWISE.contains(kind.kind()))
        .filter(kind -> !kind.kind().equals(SECRET) && !kind.kind().equals(CONFIG_MAP))
        .toList();
  }

  /** Whether an object of this kind can name Secrets or ConfigMaps. */
  static boolean names(MeshResource resource) {
    return resource instanceof IstioGateway
        || resource instanceof KubernetesGateway
        || resource instanceof BackendTlsPolicy;
  }

  /** Names of Secrets that gateways and policies speak of, wherever they are. */
  static Set<String> secrets(Collection<? extends MeshResource> resources) {
    Set<String> names = new TreeSet<>();
    for (MeshResource resource : resources) {
      if (resource instanceof IstioGateway gateway) {
        gateway.servers().stream()
            .flatMap(server -> server.tls().stream())
            .flatMap(tls ->
                Stream.of(
                    tls.credential(),
                    tls.credential().isEmpty() ? "" : tls.credential() + Secret.AUTHORITIES_SUFFIX,
                    tls.authorities()))
            .filter(name -> !name.isEmpty())
            .forEach(names::add);
      }
      references(resource)
          .filter(ref -> ref.isCore(ObjectRef.SECRET))
          .forEach(ref -> names.add(ref.name()));
    }
    return names;
  }

  /** Names of ConfigMaps likewise. */
  static Set<String> configMaps(Collection<? extends MeshResource> resources) {
    Set<String> names = new TreeSet<>();
    names.add(MESH_CONFIG);
    names.add(TRUST_BUNDLE);
    resources.stream()
        .flatMap(MeshKinds::references)
        .filter(ref -> ref.isCore(ObjectRef.CONFIG_MAP))
        .forEach(ref -> names.add(ref.name()));
    return names;
  }

  private static Stream<ObjectRef> references(MeshResource resource) {
    return switch (resource) {
      case KubernetesGateway gateway ->
          Stream.concat(
              gateway.listeners().stream()
                  .flatMap(listener -> listener.tls().stream())
                  .flatMap(tls -> tls.certificates().stream()),
              gateway.clients().stream().flatMap(clients -> clients.authorities().stream()));
      case BackendTlsPolicy policy -> policy.authorities().stream();
      default -> Stream.of();
    };
  }
}
