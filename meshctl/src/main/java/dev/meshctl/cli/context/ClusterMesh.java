package dev.meshctl.cli.context;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cluster.ClusterAccess;
import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterException.Reason;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ForwardedPort;
import dev.meshctl.cluster.ObjectKind;
import dev.meshctl.cluster.ServiceAccountToken;
import dev.meshctl.cluster.install.Followers;
import dev.meshctl.cluster.reading.ClusterReading;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.source.FolderContents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * The mesh of a cluster, as a person with a kubeconfig reaches it: its control plane by a forwarded
 * port, known by the trust bundle in its namespace, with a token made for asking.
 *
 * <p>Thread: any; blocking.
 */
public final class ClusterMesh implements AutoCloseable {
  private static final ObjectKind SERVICE = new ObjectKind("v1", "Service");
  private static final ObjectKind POD = new ObjectKind("v1", "Pod");
  private static final ObjectKind CONFIG_MAP = new ObjectKind("v1", "ConfigMap");
  private static final ObjectKind DEPLOYMENT = new ObjectKind("apps/v1", "Deployment");
  private static final String CONTROL_PLANE = "meshctl-control-plane";
  private static final Caller VIEWER = new Caller("meshctl-viewer", "meshctl-reader");
  private static final Caller PUSHER = new Caller("meshctl-pusher", "meshctl-pusher");
  private static final int QUERY_PORT = 15013;
  private static final Duration TOKEN_LIFETIME = Duration.ofMinutes(10);

  private final ClusterConnection connection;
  private final String namespace;

  private ClusterMesh(ClusterConnection connection, String namespace) {
    this.connection = connection;
    this.namespace = namespace;
  }

  /**
   * Reads the kubeconfig; asks nobody yet.
   *
   * @param namespace of the control plane
   * @throws CommandFailure where the kubeconfig cannot be used
   */
  public static ClusterMesh open(ClusterAccess access, String namespace) {
    try {
      return new ClusterMesh(ClusterConnection.open(access), namespace);
    } catch (ClusterException unusable) {
      throw failure(unusable);
    }
  }

  /**
   * As whom one calls.
   *
   * @param account whose token is made
   * @param role that lets one make it
   */
  private record Caller(String account, String role) {}

  /** Of the control plane. */
  public String namespace() {
    return namespace;
  }

  /** Closed with this. */
  public ClusterConnection connection() {
    return connection;
  }

  /** What holds for the whole mesh. */
  public record MeshSettings(String trustDomain, String rootNamespace) {}

  /** As its control plane was told; the usual where none is installed. */
  public MeshSettings settings() {
    try {
      Map<String, String> told =
          connection
              .objects()
              .get(DEPLOYMENT, Optional.of(namespace), CONTROL_PLANE)
              .map(ClusterMesh::environment)
              .orElse(Map.of());
      return new MeshSettings(
          told.getOrDefault("MESHCTL_TRUST_DOMAIN", Folders.TRUST_DOMAIN),
          told.getOrDefault("MESHCTL_ROOT_NAMESPACE", namespace));
    } catch (ClusterException failed) {
      if (failed.reason() == Reason.FORBIDDEN) {
        return new MeshSettings(Folders.TRUST_DOMAIN, namespace);
      }
      throw failure(failed);
    }
  }

  private static Map<String, String> environment(ClusterObject deployment) {
    JsonNode container =
        deployment.tree().path("spec").path("template").path("spec").path("containers").path(0);
    return container
        .path("env")
        .valueStream()
        .filter(entry -> entry.path("value").isString())
        .collect(
            Collectors.toMap(
                entry -> entry.path("name").asString(""),
                entry -> entry.path("value").asString(""),
                (first, second) -> second));
  }

  /** What the cluster holds of the mesh. */
  public ClusterReading read() {
    try {
      return ClusterReading.of(connection);
    } catch (ClusterException failed) {
      throw failure(failed);
    }
  }

  /** As the cluster would be with a folder applied, to be set beside {@code reading}. */
  public FolderContents applied(ClusterReading reading, FolderContents above) {
    try {
      return reading.applied(connection, above);
    } catch (ClusterException failed) {
      throw failure(failed);
    }
  }

  /**
   * A client of the control plane; this is closed with it.
   *
   * @throws CommandFailure where there is no control plane, or one may not ask it
   */
  public MeshClient client() {
    return client(VIEWER);
  }

  /** As {@link #client}, of one that may give bundles too. */
  public MeshClient pushingClient() {
    return client(PUSHER);
  }

  private MeshClient client(Caller as) {
    try {
      return client(as, trustBundle(), pod(), this::close);
    } catch (ClusterException failed) {
      close();
      throw failure(failed);
    }
  }

  private MeshClient client(Caller as, String pem, String pod, Runnable whenClosed)
      throws ClusterException {
    String token = token(as);
    ForwardedPort port = connection.forward(namespace, pod, QUERY_PORT);
    return MeshClient.over(
        "https://127.0.0.1:" + port.local().getPort(),
        pem,
        () -> token,
        "ask for the role " + as.role() + " in namespace " + namespace,
        () -> {
          port.close();
          whenClosed.run();
        });
  }

  /**
   * The pods of all revisions' control planes that are ready. Each knows only of the proxies that
   * called it.
   */
  public List<String> replicas() {
    try {
      return connection
          .objects()
          .list(POD, Optional.of(namespace), "app.kubernetes.io/name=" + CONTROL_PLANE)
          .stream()
          .filter(ClusterMesh::isReady)
          .map(ClusterObject::name)
          .toList();
    } catch (ClusterException failed) {
      throw failure(failed);
    }
  }

  /**
   * A client of one of {@link #replicas}; this stays open when it is closed.
   *
   * @throws CommandFailure where one may not ask it
   */
  public MeshClient client(String replica) {
    try {
      return client(VIEWER, trustBundle(), replica, () -> {});
    } catch (ClusterException failed) {
      throw failure(failed);
    }
  }

  /** Of a proxy: its pod is no more; of none where one may not see pods. */
  Predicate<ProxyView> gone() {
    try {
      Set<String> pods = Set.copyOf(new Followers(connection.objects()).proxies());
      return proxy -> !pods.contains(proxy.namespace() + "/" + proxy.instance());
    } catch (ClusterException failed) {
      if (failed.reason() == Reason.FORBIDDEN) {
        return proxy -> false;
      }
      throw failure(failed);
    }
  }

  /**
   * @throws CommandFailure where there is no mesh, or one may not see that there is
   */
  void requireMesh() {
    try {
      trustBundle();
    } catch (ClusterException failed) {
      throw failure(failed);
    }
  }

  private String trustBundle() throws ClusterException {
    return connection
        .objects()
        .get(CONFIG_MAP, Optional.of(namespace), "meshctl-ca-root-cert")
        .map(map -> map.tree().path("data").path("root-cert.pem").asString(""))
        .filter(pem -> !pem.isBlank())
        .orElseThrow(() ->
            new ClusterException(
                Reason.NOT_FOUND,
                "namespace "
                    + namespace
                    + " of "
                    + connection.name()
                    + " has no mesh: ConfigMap meshctl-ca-root-cert is not there; install one with"
                    + " meshctl install, or name its namespace with --system-namespace"));
  }

  private String pod() throws ClusterException {
    ClusterObject service =
        connection
            .objects()
            .get(SERVICE, Optional.of(namespace), CONTROL_PLANE)
            .orElseThrow(() ->
                new ClusterException(
                    Reason.NOT_FOUND,
                    "there is no Service "
                        + namespace
                        + "/"
                        + CONTROL_PLANE
                        + "; install a mesh with meshctl install"));
    List<String> selector = new ArrayList<>();
    service
        .tree()
        .path("spec")
        .path("selector")
        .forEachEntry((key, value) -> selector.add(key + "=" + value.asString("")));
    return connection
        .objects()
        .list(POD, Optional.of(namespace), String.join(",", selector))
        .stream()
        .filter(ClusterMesh::isReady)
        .map(ClusterObject::name)
        .findFirst()
        .orElseThrow(() ->
            new ClusterException(
                Reason.UNREACHABLE,
                "no pod of Service "
                    + namespace
                    + "/"
                    + CONTROL_PLANE
                    + " is ready; see kubectl -n "
                    + namespace
                    + " get pods"));
  }

  private static boolean isReady(ClusterObject pod) {
    return !pod.isBeingDeleted()
        && pod.tree()
            .path("status")
            .path("conditions")
            .valueStream()
            .anyMatch(condition ->
                condition.path("type").asString("").equals("Ready")
                    && condition.path("status").asString("").equals("True"));
  }

  /**
   * One made for asking, which is of no use for anything else; the user's own only where one may
   * not make such, for whoever holds that can act as the user.
   */
  private String token(Caller as) throws ClusterException {
    try {
      ServiceAccountToken made =
          connection.reviews().token(namespace, as.account(), "meshctl-query", TOKEN_LIFETIME);
      return made.value();
    } catch (ClusterException failed) {
      boolean another = failed.reason() == Reason.FORBIDDEN || failed.reason() == Reason.NOT_FOUND;
      return another ? connection.bearerToken().orElseThrow(() -> failed) : rethrown(failed);
    }
  }

  private static String rethrown(ClusterException failed) throws ClusterException {
    throw failed;
  }

  /** As commands tell failures: what, then what to do. */
  public static CommandFailure failure(ClusterException failed) {
    String message = String.valueOf(failed.getMessage());
    int cut = message.lastIndexOf("; ");
    return cut < 0
        ? CommandFailure.failed(message, "")
        : CommandFailure.failed(message.substring(0, cut), message.substring(cut + 2));
  }

  @Override
  public void close() {
    connection.close();
  }
}
