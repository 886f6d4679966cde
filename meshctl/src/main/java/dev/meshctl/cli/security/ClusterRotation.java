package dev.meshctl.cli.security;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.context.ClusterMesh;
import dev.meshctl.cli.context.MeshReplicas;
import dev.meshctl.cli.context.MeshReplicas.Told;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterException.Reason;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ClusterObjects;
import dev.meshctl.cluster.ObjectKind;
import dev.meshctl.cluster.install.Followers;
import dev.meshctl.cluster.install.NotInTime;
import dev.meshctl.identity.IdentityException;
import dev.meshctl.identity.TrustFolder.State;
import dev.meshctl.identity.TrustSecret;
import dev.meshctl.model.query.CertificatesView;
import dev.meshctl.model.query.CertificatesView.Holder;
import dev.meshctl.model.query.CertificatesView.Root;
import dev.meshctl.model.query.MeshQueryException;
import dev.meshctl.model.query.ProxyView;
import java.io.Closeable;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A mesh on a cluster: its roots are one Secret, each step is that Secret replaced where nobody
 * else has, and the Deployments of its control planes are rolled out anew. The control plane itself
 * brings the roots to the namespaces and to the webhooks that the API server calls.
 *
 * <p>Whose proxies they are is asked of the cluster, not of replicas: a proxy that is away while
 * one looks must not be forgotten.
 */
final class ClusterRotation implements RotatedMesh {
  private static final ObjectKind SECRET = new ObjectKind("v1", "Secret");
  private static final ObjectKind DEPLOYMENT = new ObjectKind("apps/v1", "Deployment");
  private static final String OWN = "meshctl-ca";
  private static final String PLUGGED = "cacerts";
  private static final Duration LOOK = Duration.ofSeconds(2);
  private static final Duration ROLLOUT = Duration.ofMinutes(5);

  private final ClusterMesh mesh;
  private final Output output;
  private final SecureRandom random = new SecureRandom();

  ClusterRotation(ClusterMesh mesh, Output output) {
    this.mesh = mesh;
    this.output = output;
  }

  private ClusterObjects objects() {
    return mesh.connection().objects();
  }

  /** Each step is refused where another took one since, so two commands do no harm. */
  @Override
  public Closeable alone() {
    return () -> {};
  }

  @Override
  public void requireAble() {
    try {
      if (objects().get(SECRET, Optional.of(mesh.namespace()), PLUGGED).isPresent()) {
        throw CommandFailure.refused(
            "the root of this mesh is plugged in (Secret " + mesh.namespace() + "/cacerts)",
            List.of(),
            "replace it where it comes from: first root-cert.pem with both roots, then the"
                + " certificates of the new one, then the new root alone");
      }
    } catch (ClusterException failed) {
      throw ClusterMesh.failure(failed);
    }
  }

  private ClusterObject secret() {
    try {
      return objects()
          .get(SECRET, Optional.of(mesh.namespace()), OWN)
          .orElseThrow(() ->
              CommandFailure.failed(
                  "there is no Secret " + mesh.namespace() + "/" + OWN + ", which has the root",
                  "install a mesh with meshctl install, or name its namespace with"
                      + " --system-namespace"));
    } catch (ClusterException failed) {
      throw ClusterMesh.failure(failed);
    }
  }

  private static TrustSecret content(ClusterObject secret) {
    Map<String, String> data = new TreeMap<>();
    secret
        .tree()
        .path("data")
        .forEachEntry((name, coded) ->
            data.put(
                name,
                new String(
                    Base64.getMimeDecoder().decode(coded.asString("")), StandardCharsets.UTF_8)));
    return new TrustSecret(data);
  }

  @Override
  public State state() throws IdentityException {
    return content(secret()).state(random);
  }

  private interface Change {
    TrustSecret of(TrustSecret before) throws IdentityException;
  }

  /** Of the same resourceVersion: who comes second is told so. */
  private void replace(Change change) throws IdentityException {
    ClusterObject before = secret();
    JsonNode copy = before.tree().deepCopy();
    ObjectNode data = ((ObjectNode) copy).putObject("data");
    change
        .of(content(before))
        .data()
        .forEach((name, text) ->
            data.put(
                name, Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))));
    try {
      objects().replace(new ClusterObject((ObjectNode) copy));
    } catch (ClusterException failed) {
      throw failed.reason() == Reason.CONFLICT
          ? CommandFailure.failed(
              "another is at the roots of this mesh: " + before + " changed meanwhile",
              "wait until it has ended, or take the step again")
          : ClusterMesh.failure(failed);
    }
  }

  @Override
  public void begin() throws IdentityException {
    String trustDomain = mesh.settings().trustDomain();
    replace(before -> before.begin(trustDomain, Instant.now(), random));
  }

  @Override
  public void swap() throws IdentityException {
    replace(before -> before.swap(random));
  }

  @Override
  public void finish() throws IdentityException {
    replace(before -> before.finish(random));
  }

  @Override
  public void undo() throws IdentityException {
    replace(before -> before.undo(random));
  }

  @Override
  public Optional<Rotation.Seen> seen() throws IdentityException {
    Rotation.Files kept = RotationRun.kept(state());
    try {
      return seen(kept, pods());
    } catch (MeshQueryException | CommandFailure unanswered) {
      // While replicas come and go.
      return Optional.empty();
    }
  }

  /** {@code NAME.NAMESPACE} of those with a proxy. */
  private Set<String> pods() {
    try {
      return new Followers(objects())
          .proxies().stream()
              .map(pod ->
                  pod.substring(pod.indexOf('/') + 1) + "." + pod.substring(0, pod.indexOf('/')))
              .collect(Collectors.toSet());
    } catch (ClusterException failed) {
      throw ClusterMesh.failure(failed);
    }
  }

  private Optional<Rotation.Seen> seen(Rotation.Files kept, Set<String> pods) {
    try (MeshReplicas replicas = MeshReplicas.within(mesh)) {
      List<CertificatesView> views =
          replicas.all().stream().map(replica -> replica.client().certificates()).toList();
      // One that works by other roots is enough to start all anew.
      CertificatesView told =
          views.stream().filter(view -> !isBy(kept, view)).findFirst().orElse(views.getFirst());
      CertificatesView merged = ReplicaViews.merged(views);
      Set<String> trusting = new HashSet<>();
      for (Told each : replicas.proxies()) {
        ProxyView proxy = each.proxy();
        String name = proxy.instance() + "." + proxy.namespace();
        if (pods.contains(name)
            && proxy.state() != ProxyView.State.DISCONNECTED
            && LocalRotation.trusts(each.by().client().resources(proxy.id()))) {
          trusting.add(name);
        }
      }
      return Optional.of(
          new Rotation.Seen(
              signing(told),
              trusted(told),
              pods,
              trusting,
              merged.certificates().stream()
                  .filter(each -> each.holder() == Holder.WORKLOAD)
                  .map(each ->
                      new Rotation.Held(
                          CertText.instance(each.proxy()), each.identity(), each.root()))
                  .toList()));
    }
  }

  private static boolean isBy(Rotation.Files kept, CertificatesView view) {
    return signing(view).equals(kept.signing()) && trusted(view).equals(kept.trusted());
  }

  private static String signing(CertificatesView view) {
    return view.roots().stream().filter(Root::signing).map(Root::name).findFirst().orElse("");
  }

  private static Set<String> trusted(CertificatesView view) {
    return view.roots().stream().map(Root::name).collect(Collectors.toSet());
  }

  /** Of all revisions: they share the roots. */
  @Override
  public void restart() throws InterruptedException {
    Followers followers = new Followers(objects());
    try {
      for (ClusterObject each :
          objects()
              .list(
                  DEPLOYMENT,
                  Optional.of(mesh.namespace()),
                  "app.kubernetes.io/name=meshctl-control-plane")) {
        followers.restart(each, Instant.now(), ROLLOUT, output::note);
      }
    } catch (ClusterException failed) {
      throw ClusterMesh.failure(failed);
    } catch (NotInTime late) {
      throw CommandFailure.failed(
          "the control plane did not start anew in " + ROLLOUT.toMinutes() + " min: " + late.what(),
          "see kubectl -n " + mesh.namespace() + " get pods; the same command goes on afterwards");
    }
  }

  @Override
  public Duration look() {
    return LOOK;
  }

  @Override
  public void close() {
    mesh.close();
  }
}
