package dev.meshctl.controlplane.kubernetes;

import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ClusterObjects;
import dev.meshctl.cluster.Leadership;
import dev.meshctl.cluster.ObjectKind;
import dev.meshctl.cluster.install.Revisions;
import dev.meshctl.controlplane.intake.MeshConfiguration;
import dev.meshctl.controlplane.kubernetes.gateway.GatewayApiDuty;
import dev.meshctl.model.validation.ValidatedMesh;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What one replica writes for all: the trust bundle of each namespace of the mesh, what serves
 * Gateways and what is said of the Gateway API's objects, and the authority by which the API server
 * knows our webhooks. Each is written where it is not as it should be and at no other time, so two
 * leaders for a moment do no harm.
 *
 * <p>Thread: one virtual thread works; the rest is for any.
 */
public final class LeaderDuties implements AutoCloseable, Consumer<MeshConfiguration> {
  private static final System.Logger LOG = System.getLogger(LeaderDuties.class.getName());
  private static final String ADMISSION = "admissionregistration.k8s.io/v1";
  private static final ObjectKind INJECTOR =
      new ObjectKind(ADMISSION, "MutatingWebhookConfiguration");
  private static final ObjectKind VALIDATOR =
      new ObjectKind(ADMISSION, "ValidatingWebhookConfiguration");

  /** Of what nobody tells us: somebody else's writing of a status, or of a webhook. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

  private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);

  private final ClusterObjects objects;
  private final Affairs affairs;
  private final InstantSource clock;
  private final Leadership leadership;
  private final WokenThread working;
  private volatile @Nullable ValidatedMesh mesh;

  // The working thread's alone.
  private final GatewayApiDuty gatewayApi;
  private Instant looked = Instant.MIN;

  /**
   * Of which control plane.
   *
   * @param namespace its own
   * @param revision {@code ""} for the one without a name
   * @param identity of this replica
   * @param trustBundlePem of the mesh
   * @param runtimeKeys PEM of the keys whose bundles sidecars run
   * @param deploysGateways whether what serves Gateways of the Gateway API is made
   */
  public record Affairs(
      String namespace,
      String revision,
      String identity,
      String trustBundlePem,
      RuntimeKeys runtimeKeys,
      boolean deploysGateways,
      Leadership.Terms terms) {
    private String suffix() {
      return revision.isEmpty() ? "" : "-" + revision;
    }
  }

  /** Keys whose bundles count; may be another list each time. */
  @FunctionalInterface
  public interface RuntimeKeys {
    String pem() throws IOException;
  }

  /** Stands for leadership and works while it leads. */
  public LeaderDuties(ClusterConnection connection, Affairs affairs, InstantSource clock) {
    this.objects = connection.objects();
    this.affairs = affairs;
    this.clock = clock;
    this.gatewayApi =
        new GatewayApiDuty(
            objects,
            new Revisions(objects, affairs.namespace(), affairs.revision()),
            affairs.deploysGateways(),
            clock);
    this.working = new WokenThread("leader-duties", LOOK_AGAIN, this::turn);
    this.leadership =
        connection.stand(
            new Leadership.Candidate(
                affairs.namespace(),
                "meshctl-control-plane" + affairs.suffix(),
                affairs.identity(),
                affairs.terms()),
            new Leadership.Listener() {
              @Override
              public void started() {
                LOG.log(System.Logger.Level.INFO, "{0} leads", affairs.identity());
                working.wake();
              }

              @Override
              public void stopped() {
                LOG.log(System.Logger.Level.INFO, "{0} leads no more", affairs.identity());
              }
            });
    working.start();
  }

  public boolean leads() {
    return leadership.leads();
  }

  @Override
  public void accept(MeshConfiguration fresh) {
    mesh = fresh.mesh();
    working.wake();
  }

  private Duration turn(WokenThread.Cause cause) {
    Instant time = clock.instant();
    if (cause == WokenThread.Cause.TIME && !time.isBefore(looked.plus(LOOK_AGAIN))) {
      gatewayApi.lookAgain();
      looked = time;
    }
    ValidatedMesh now = mesh;
    return now == null || !leads() || perform(now) ? LOOK_AGAIN : AFTER_FAILURE;
  }

  /** False where something is left to do. */
  private boolean perform(ValidatedMesh now) {
    boolean done = attempt("the trust bundles", () -> trustBundles(now));
    done &= attempt("the injector's authority", () -> webhook(INJECTOR, "meshctl-injector"));
    done &= attempt("the validator's authority", () -> webhook(VALIDATOR, "meshctl-validator"));
    return gatewayApi.perform(now) && done;
  }

  private interface Duty {
    void perform() throws ClusterException;
  }

  private static boolean attempt(String what, Duty duty) {
    try {
      duty.perform();
      return true;
    } catch (ClusterException failed) {
      LOG.log(System.Logger.Level.WARNING, "{0}: {1}", what, failed.getMessage());
      return false;
    }
  }

  private void trustBundles(ValidatedMesh now) throws ClusterException {
    for (ClusterObject bundle :
        TrustBundles.missing(now, affairs.namespace(), affairs.trustBundlePem(), runtimeKeys())) {
      objects.apply(bundle, ClusterObjects.Apply.FORCED);
    }
  }

  private String runtimeKeys() throws ClusterException {
    try {
      return affairs.runtimeKeys().pem();
    } catch (IOException unreadable) {
      throw new ClusterException(
          ClusterException.Reason.CONFIGURATION,
          String.valueOf(unreadable.getMessage()),
          unreadable);
    }
  }

  private void webhook(ObjectKind kind, String name) throws ClusterException {
    Optional<ClusterObject> found = objects.get(kind, Optional.empty(), name + affairs.suffix());
    if (found.isEmpty()) {
      return;
    }
    String wanted =
        Base64.getEncoder()
            .encodeToString(affairs.trustBundlePem().getBytes(StandardCharsets.UTF_8));
    ObjectNode tree = found.get().tree().deepCopy();
    boolean differs = false;
    for (JsonNode webhook : tree.path("webhooks")) {
      if (webhook.path("clientConfig") instanceof ObjectNode client
          && !client.path("caBundle").asString("").equals(wanted)) {
        client.put("caBundle", wanted);
        differs = true;
      }
    }
    if (differs) {
      objects.replace(new ClusterObject(tree));
    }
  }

  @Override
  public void close() {
    leadership.close();
    working.close();
  }
}
