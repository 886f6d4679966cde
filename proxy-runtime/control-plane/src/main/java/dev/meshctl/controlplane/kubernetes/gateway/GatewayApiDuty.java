package dev.meshctl.controlplane.kubernetes.gateway;

import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterException.Reason;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ClusterObjects;
import dev.meshctl.cluster.ObjectKind;
import dev.meshctl.cluster.install.Revisions;
import dev.meshctl.cluster.install.Revisions.Answering;
import dev.meshctl.model.resource.GatewayClass;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.Namespace;
import dev.meshctl.model.source.kinds.KindCatalogue;
import dev.meshctl.model.status.GatewayApiStatus;
import dev.meshctl.model.status.ObjectStatus;
import dev.meshctl.model.status.ObjectStatus.OfGateway;
import dev.meshctl.model.validation.ValidatedMesh;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the leader does for the Gateway API: its class, what serves each Gateway that this revision
 * answers for, and the status of all its objects.
 *
 * <p>Thread: one at a time; blocking.
 */
public final class GatewayApiDuty {
  private static final System.Logger LOG = System.getLogger(GatewayApiDuty.class.getName());
  private static final String GROUP = "gateway.networking.k8s.io";
  private static final ObjectKind CLASS = new ObjectKind(GROUP + "/v1", "GatewayClass");

  /** Of the class that is there for everybody. */
  public static final String CLASS_NAME = "meshctl";

  private final ClusterObjects objects;
  private final Revisions revisions;
  private final boolean deploys;
  private final InstantSource clock;
  private final GatewayDeployments deployments;

  /** What was said of each object. */
  private final Map<String, Map<String, Object>> told = new HashMap<>();

  /**
   * @param deploys whether what serves Gateways is made, and their class; else only status is
   *     written
   */
  public GatewayApiDuty(
      ClusterObjects objects, Revisions revisions, boolean deploys, InstantSource clock) {
    this.objects = objects;
    this.revisions = revisions;
    this.deploys = deploys;
    this.clock = clock;
    this.deployments = new GatewayDeployments(objects);
  }

  /** Whatever others have done to it meanwhile. */
  public void lookAgain() {
    told.clear();
    deployments.lookAgain();
  }

  /** False where something is left to do, or is waited for. */
  public boolean perform(ValidatedMesh mesh) {
    Optional<Answering> answering = attempt("which revision is the default", revisions::now);
    if (answering.isEmpty()) {
      return false;
    }
    boolean done =
        !deploys || attempt("the GatewayClass " + CLASS_NAME, this::gatewayClass).isPresent();
    Map<String, KubernetesGateway> gateways =
        mesh.all(KubernetesGateway.class).stream()
            .filter(gateway -> answering.get().takes(labels(mesh, gateway)))
            .collect(
                Collectors.toMap(
                    gateway -> name(gateway.metadata().namespace(), gateway.metadata().name()),
                    gateway -> gateway,
                    (one, other) -> one));
    deployments.retain(List.copyOf(gateways.values()));
    for (ObjectStatus status : GatewayApiStatus.of(mesh)) {
      KubernetesGateway gateway =
          gateways.get(name(status.metadata().namespace(), status.metadata().name()));
      if (status instanceof OfGateway said) {
        done &=
            gateway == null
                || attempt(
                        "Gateway " + name(said.metadata().namespace(), said.metadata().name()),
                        () -> gateway(gateway, said, answering.get().label()))
                    .isPresent();
      } else {
        done &= attempt("the status of " + status.kind(), () -> status(status)).isPresent();
      }
    }
    return done && !deployments.isWaited();
  }

  private interface Step<T> {
    T take() throws ClusterException;
  }

  private static <T> Optional<T> attempt(String what, Step<T> step) {
    try {
      return Optional.of(step.take());
    } catch (ClusterException failed) {
      LOG.log(System.Logger.Level.WARNING, "{0}: {1}", what, failed.getMessage());
      return Optional.empty();
    }
  }

  private static String name(String namespace, String name) {
    return namespace + "/" + name;
  }

  /** Its own, then those of its namespace. */
  private static List<Map<String, String>> labels(ValidatedMesh mesh, KubernetesGateway gateway) {
    Map<String, String> ofNamespace =
        mesh.all(Namespace.class).stream()
            .filter(each -> each.metadata().name().equals(gateway.metadata().namespace()))
            .findFirst()
            .map(each -> each.metadata().labels())
            .orElse(Map.of());
    return List.of(gateway.metadata().labels(), ofNamespace);
  }

  /** Somebody else's of this name stays as it is. */
  private boolean gatewayClass() throws ClusterException {
    if (!objects.has(CLASS) || objects.get(CLASS, Optional.empty(), CLASS_NAME).isPresent()) {
      return false;
    }
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", CLASS.apiVersion()).put("kind", CLASS.kind());
    ObjectNode metadata = tree.putObject("metadata");
    metadata.put("name", CLASS_NAME);
    metadata
        .putObject("labels")
        .put("app.kubernetes.io/part-of", "meshctl")
        .put("install.meshctl.dev/shared", "true");
    tree.putObject("spec")
        .put("controllerName", GatewayClass.OUR_CONTROLLER)
        .put("description", "Gateways served by proxies of meshctl, made for each of them.");
    try {
      objects.create(new ClusterObject(tree));
      return true;
    } catch (ClusterException failed) {
      if (failed.reason() == Reason.CONFLICT) {
        return false;
      }
      throw failed;
    }
  }

  private boolean gateway(KubernetesGateway gateway, OfGateway said, String revision)
      throws ClusterException {
    if (!deploys || gateway.infrastructure().elsewhere()) {
      return status(said);
    }
    Optional<ClusterObject> held = held(said);
    if (held.isEmpty() || held.get().isBeingDeleted()) {
      return false;
    }
    return status(deployments.serve(gateway, held.get(), said, revision));
  }

  private boolean status(ObjectStatus status) throws ClusterException {
    String name =
        status.kind() + " " + name(status.metadata().namespace(), status.metadata().name());
    if (status.document().equals(told.get(name))) {
      return false;
    }
    Optional<ClusterObject> held = held(status);
    if (held.isPresent()) {
      Optional<ClusterObject> changed = GatewayStatuses.merged(held.get(), status, clock.instant());
      if (changed.isPresent()) {
        objects.replaceStatus(changed.get());
      }
    }
    told.put(name, status.document());
    return true;
  }

  private Optional<ClusterObject> held(ObjectStatus status) throws ClusterException {
    List<String> versions =
        KindCatalogue.readable().stream()
            .filter(kind -> kind.group().equals(GROUP) && kind.kind().equals(status.kind()))
            .flatMap(kind -> kind.versions().stream())
            .toList();
    String namespace = status.metadata().namespace();
    for (String version : versions) {
      ObjectKind kind = new ObjectKind(GROUP + "/" + version, status.kind());
      if (objects.has(kind)) {
        return objects.get(
            kind,
            namespace.isEmpty() ? Optional.empty() : Optional.of(namespace),
            status.metadata().name());
      }
    }
    return Optional.empty();
  }
}
