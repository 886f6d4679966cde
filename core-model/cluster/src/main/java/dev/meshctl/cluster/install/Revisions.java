package dev.meshctl.cluster.install;

import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ClusterObjects;
import dev.meshctl.cluster.ObjectKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Which of the control planes that are installed side by side answers for an object: the one whose
 * revision the label {@code istio.io/rev} names, and for what names none the default one. That is
 * the one without a name, until one with a name is installed as the default; which one is so is
 * read from their Deployments, so that all agree.
 *
 * <p>Thread: any; blocking.
 */
public final class Revisions {
  /** By which objects name a revision. */
  public static final String LABEL = "istio.io/rev";

  private static final ObjectKind DEPLOYMENT = new ObjectKind("apps/v1", "Deployment");
  private static final String INJECTION = "istio-injection";

  private final ClusterObjects objects;
  private final String namespace;
  private final String own;

  /**
   * @param namespace of the control planes
   * @param own {@code ""} for the one without a name
   */
  public Revisions(ClusterObjects objects, String namespace, String own) {
    this.objects = objects;
    this.namespace = namespace;
    this.own = own;
  }

  /** Ours, and whether it is the default one now. */
  public Answering now() throws ClusterException {
    Optional<String> claiming =
        objects
            .list(
                DEPLOYMENT,
                Optional.of(namespace),
                "app.kubernetes.io/name=meshctl-control-plane,"
                    + Ownership.REVISION
                    + "!="
                    + Followers.DEFAULT)
            .stream()
            .filter(Revisions::isDefault)
            .map(each -> each.labels().getOrDefault(Ownership.REVISION, ""))
            .min(String::compareTo);
    return new Answering(own, claiming.orElse("").equals(own));
  }

  private static boolean isDefault(ClusterObject deployment) {
    JsonNode container =
        deployment.tree().path("spec").path("template").path("spec").path("containers").path(0);
    return container
        .path("env")
        .valueStream()
        .anyMatch(variable ->
            variable.path("name").asString("").equals("MESHCTL_DEFAULT_REVISION")
                && variable.path("value").asString("").equals("true"));
  }

  /**
   * What a control plane answers for.
   *
   * @param own {@code ""} for the one without a name
   * @param byDefault for what names no revision, too
   */
  public record Answering(String own, boolean byDefault) {
    /**
     * Whether for an object with these labels; one without is as its namespace, which is known by
     * the labels given in turn.
     */
    public boolean takes(List<Map<String, String>> labels) {
      for (Map<String, String> each : labels) {
        if (each.getOrDefault(INJECTION, "").equals("enabled")) {
          return byDefault;
        }
        String named = each.getOrDefault(LABEL, "");
        if (!named.isEmpty()) {
          return named.equals(Followers.DEFAULT) ? byDefault : named.equals(own);
        }
      }
      return byDefault;
    }

    /** As labels name it. */
    public String label() {
      return own.isEmpty() ? Followers.DEFAULT : own;
    }
  }
}
