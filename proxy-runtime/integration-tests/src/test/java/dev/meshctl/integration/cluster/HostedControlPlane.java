package dev.meshctl.integration.cluster;

import dev.meshctl.app.KubernetesControlPlane;
import dev.meshctl.app.KubernetesVariables;
import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ClusterObjects;
import dev.meshctl.cluster.Leadership;
import dev.meshctl.cluster.install.InstallPlan;
import dev.meshctl.cluster.install.InstallValues;
import dev.meshctl.controlplane.serve.PushSettings;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.node.ObjectNode;

/**
 * A control plane as it is installed, with the kinds it reads and under the very roles that an
 * installation gives it, but in this process instead of in pods.
 */
final class HostedControlPlane implements AutoCloseable {
  private static final Leadership.Terms QUICK =
      new Leadership.Terms(Duration.ofSeconds(3), Duration.ofSeconds(2), Duration.ofMillis(300));
  private static final Set<String> ROLES =
      Set.of("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "ServiceAccount");
  private static final String CRD = "CustomResourceDefinition";

  private final ClusterFixture cluster;
  private final String system;
  private final Path scratch;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final Map<String, InstallPlan> plans = new HashMap<>();

  /**
   * @param system namespace of the control plane
   */
  HostedControlPlane(ClusterFixture cluster, String system, Path scratch) {
    this.cluster = cluster;
    this.system = system;
    this.scratch = scratch;
  }

  /**
   * Applies what {@code more} takes of an installation beside roles and kinds.
   *
   * @param revision {@code ""} for the one without a name
   */
  void install(String revision, Predicate<ClusterObject> more) throws Exception {
    InstallValues values =
        InstallValues.of("1.0", List.of(new InstallValues.Said.Assignment("revision=" + revision)))
            .values();
    InstallPlan plan = InstallPlan.of(system, values);
    plans.put(revision, plan);
    try (ClusterConnection connection = cluster.connect()) {
      for (ClusterObject object : plan.objects()) {
        String kind = object.kind().kind();
        if (kind.equals(CRD) || ROLES.contains(kind) || more.test(object)) {
          connection.objects().apply(object, ClusterObjects.Apply.FORCED);
        }
      }
    }
    cluster
        .kubectl("wait", "--for=condition=Established", "crd", "-l", "app.kubernetes.io/part-of")
        .text();
  }

  /** Of what an installation of the revision consists. */
  InstallPlan plan(String revision) {
    return Optional.ofNullable(plans.get(revision)).orElseThrow();
  }

  /** Has the API server call the webhook of this process; skips the test where it cannot. */
  void hook(String revision, String kind, KubernetesControlPlane plane, String path)
      throws Exception {
    Assumptions.assumeFalse(cluster.isApart(), "the API server cannot call this process");
    ClusterObject configuration =
        plan(revision).objects().stream()
            .filter(object -> object.kind().kind().equals(kind))
            .findFirst()
            .orElseThrow();
    ObjectNode tree = configuration.tree().deepCopy();
    tree.path("webhooks")
        .forEach(webhook ->
            ((ObjectNode) webhook)
                .putObject("clientConfig")
                .put("url", "https:/" + plane.webhookAddress().orElseThrow() + path));
    try (ClusterConnection connection = cluster.connect()) {
      connection.objects().apply(new ClusterObject(tree), ClusterObjects.Apply.FORCED);
    }
  }

  /** Starts a replica of a revision that is installed. */
  KubernetesControlPlane start(String revision, String replica) throws Exception {
    return start(revision, replica, Map.of());
  }

  /**
   * Starts a replica.
   *
   * @param told further variables
   */
  KubernetesControlPlane start(String revision, String replica, Map<String, String> told)
      throws Exception {
    String suffix = revision.isEmpty() ? "" : "-" + revision;
    Path settings = Files.createTempFile(scratch, "settings", ".yaml");
    Files.writeString(
        settings,
        plan(revision).objects().stream()
            .filter(object -> object.name().equals("meshctl-injector" + suffix))
            .map(object -> object.tree().path("data").path("settings.yaml").asString(""))
            .findFirst()
            .orElseThrow());
    Map<String, String> variables = new HashMap<>();
    variables.put("MESHCTL_REVISION", revision);
    variables.put("MESHCTL_INJECTOR_SETTINGS", settings.toString());
    String address = address();
    variables.put("POD_IP", address);
    variables.put("MESHCTL_WEBHOOK_ADDRESS", address + ":0");
    variables.putAll(told);
    return start(
        ClusterFixture.connect(kubeconfig(system, "meshctl-control-plane" + suffix)),
        replica,
        variables);
  }

  /** Starts a replica of what is not installed, with an administrator's rights. */
  KubernetesControlPlane startBare(String replica) throws Exception {
    return start(cluster.connect(), replica, Map.of());
  }

  private KubernetesControlPlane start(
      ClusterConnection connection, String replica, Map<String, String> told) throws Exception {
    Map<String, String> variables = new HashMap<>();
    variables.put("POD_NAME", replica);
    variables.put("POD_NAMESPACE", system);
    variables.put("MESHCTL_DATA", scratch.resolve(replica).toString());
    variables.put("MESHCTL_LINGER_SECONDS", "0");
    for (String port : List.of("GRPC", "QUERY", "HEALTH")) {
      variables.put("MESHCTL_" + port + "_ADDRESS", "127.0.0.1:0");
    }
    variables.putAll(told);
    KubernetesControlPlane started =
        KubernetesControlPlane.start(
            connection, KubernetesVariables.read(variables), PushSettings.DEFAULT, QUICK);
    synchronized (open) {
      open.add(started);
    }
    return started;
  }

  /** By which the API server, which may be in a network of its own, reaches this process. */
  private String address() throws Exception {
    try (ClusterConnection connection = cluster.connect();
        DatagramSocket nothingIsSent = new DatagramSocket()) {
      URI server = connection.server();
      nothingIsSent.connect(new InetSocketAddress(server.getHost(), server.getPort()));
      return nothingIsSent.getLocalAddress().getHostAddress();
    }
  }

  /** As a service account. */
  Path kubeconfig(String namespace, String account) throws Exception {
    Path copy = Files.createTempFile(scratch, "kubeconfig", "");
    Files.writeString(copy, Files.readString(cluster.kubeconfig()));
    String as = "--kubeconfig=" + copy;
    String token = cluster.kubectl("-n", namespace, "create", "token", account).text().strip();
    cluster.kubectl(as, "config", "set-credentials", account, "--token=" + token).text();
    cluster.kubectl(as, "config", "set-context", "--current", "--user=" + account).text();
    return copy;
  }

  /** Ends all replicas and takes out what was installed and is in no namespace. */
  @Override
  public void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    if (plans.isEmpty()) {
      return;
    }
    for (String kind :
        List.of(
            "validatingwebhookconfiguration",
            "mutatingwebhookconfiguration",
            "clusterrolebinding",
            "clusterrole",
            "crd")) {
      cluster
          .kubectl("delete", kind, "-l", "app.kubernetes.io/part-of=meshctl", "--wait=true")
          .text();
    }
  }
}
