package dev.meshctl.cluster;

import dev.meshctl.cluster.ClusterException.Reason;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One cluster, as one user. Opening it reads files only; the client behind it, which takes a CLI
 * some tenths of a second to load, is made by the first question.
 *
 * <p>Thread: any.
 */
public final class ClusterConnection implements AutoCloseable {
  /**
   * Tells every retry at length, with its trace; what a failure means is told by us. Held, so that
   * it stays quiet.
   */
  private static final Logger CHATTER = Logger.getLogger("io.fabric8");

  static {
    CHATTER.setLevel(Level.OFF);
  }

  private static final Path SERVICE_ACCOUNT =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  /** Of one request, with pauses of 0.1 s and twice as long each time; watches go on for good. */
  private static final int RETRIES = 2;

  private static final int CONNECT_TIMEOUT_MILLIS = 5_000;
  private static final int REQUEST_TIMEOUT_MILLIS = 30_000;

  private final Config config;
  private final String name;
  private final URI server;
  private final Rest rest;
  private final ApiCatalogue kinds;
  private final ClusterObjects objects;
  private @Nullable KubernetesClient client;
  private boolean closed;

  private ClusterConnection(Config config, String name) {
    this.config =
        new ConfigBuilder(config)
            .withConnectionTimeout(CONNECT_TIMEOUT_MILLIS)
            .withRequestTimeout(REQUEST_TIMEOUT_MILLIS)
            .withRequestRetryBackoffLimit(RETRIES)
            .withUserAgent("meshctl")
            .build();
    this.name = name;
    String master = config.getMasterUrl();
    this.server = URI.create(master.endsWith("/") ? master : master + "/");
    this.rest = new Rest(this::client, server);
    this.kinds = new ApiCatalogue(rest);
    this.objects = new ClusterObjects(rest, kinds);
  }

  /**
   * Finds out which cluster and as whom; asks it nothing yet.
   *
   * @throws ClusterException {@link Reason#CONFIGURATION} where a file says it wrongly or not at
   *     all
   */
  public static ClusterConnection open(ClusterAccess access) throws ClusterException {
    return switch (access) {
      case ClusterAccess.Kubeconfig kubeconfig ->
          open(kubeconfig, System.getenv(), Path.of(System.getProperty("user.home")));
      case ClusterAccess.InCluster pod -> inCluster(System.getenv(), SERVICE_ACCOUNT);
    };
  }

  static ClusterConnection open(
      ClusterAccess.Kubeconfig access, Map<String, String> environment, Path home)
      throws ClusterException {
    Config config = Kubeconfigs.read(access, environment, home);
    return new ClusterConnection(config, config.getCurrentContext().getName());
  }

  /**
   * @param mounted where the kubelet puts token, authority and namespace
   */
  static ClusterConnection inCluster(Map<String, String> environment, Path mounted)
      throws ClusterException {
    String host = environment.getOrDefault("KUBERNETES_SERVICE_HOST", "");
    String port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
    Path token = mounted.resolve("token");
    if (host.isEmpty() || !Files.isReadable(token)) {
      throw new ClusterException(
          Reason.CONFIGURATION,
          "this process is in no pod of a cluster: "
              + (host.isEmpty() ? "KUBERNETES_SERVICE_HOST is not set" : token + " is not readable")
              + "; name a cluster by its kubeconfig, or let the pod have its service account's"
              + " token (automountServiceAccountToken)");
    }
    Path namespace = mounted.resolve("namespace");
    try {
      Config config =
          new ConfigBuilder(Config.empty())
              .withMasterUrl(
                  "https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port)
              .withCaCertFile(mounted.resolve("ca.crt").toString())
              // Read for each request: the kubelet renews it while we run.
              .withOauthTokenProvider(() -> read(token))
              .withNamespace(Files.isReadable(namespace) ? read(namespace) : null)
              .build();
      return new ClusterConnection(config, "in-cluster");
    } catch (UncheckedIOException unreadable) {
      throw new ClusterException(
          Reason.CONFIGURATION,
          namespace + " cannot be read: " + unreadable.getMessage(),
          unreadable);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** The context's name, or {@code in-cluster}. */
  public String name() {
    return name;
  }

  /** Of the API. */
  public URI server() {
    return server;
  }

  /** Of the API server: {@code v1.37.2}. */
  public String version() throws ClusterException {
    return rest.send(Rest.Call.get("version", "ask for its version"))
        .path("gitVersion")
        .asString("");
  }

  /** Of the context or the pod; {@code default} where none is said. */
  public String namespace() {
    String said = config.getNamespace();
    return said == null || said.isBlank() ? "default" : said;
  }

  /** The user's own bearer token, where the user has one. */
  public Optional<String> bearerToken() {
    if (config.getOauthTokenProvider() != null) {
      return Optional.ofNullable(config.getOauthTokenProvider().getToken());
    }
    return Optional.ofNullable(config.getAutoOAuthToken()).filter(token -> !token.isBlank());
  }

  public ClusterObjects objects() {
    return objects;
  }

  /** Which kinds there are. */
  public ApiCatalogue kinds() {
    return kinds;
  }

  public ClusterReviews reviews() {
    return new ClusterReviews(rest);
  }

  /** Follows objects of a kind from now on. */
  public KindWatch watch(KindWatch.Selection selection, KindWatch.Listener listener) {
    return KindWatch.start(client(), selection, listener);
  }

  /** Stands for leadership from now on, whether the cluster answers yet or not. */
  public Leadership stand(Leadership.Candidate candidate, Leadership.Listener listener) {
    return new Leadership(client(), candidate, listener);
  }

  /**
   * Makes a port of a running pod reachable on loopback.
   *
   * @throws ClusterException where no local port can be had
   */
  public ForwardedPort forward(String namespace, String pod, int port) throws ClusterException {
    try {
      return new ForwardedPort(
          client()
              .pods()
              .inNamespace(namespace)
              .withName(pod)
              .portForward(port, InetAddress.getLoopbackAddress(), 0));
    } catch (KubernetesClientException failed) {
      throw new ClusterException(
          Reason.SERVER,
          "port "
              + port
              + " of pod "
              + namespace
              + "/"
              + pod
              + " cannot be forwarded: "
              + failed.getMessage(),
          failed);
    }
  }

  /** Made on first use. */
  synchronized KubernetesClient client() {
    if (closed) {
      throw new IllegalStateException("the connection to " + name + " is closed");
    }
    KubernetesClient made = client;
    if (made == null) {
      made =
          new KubernetesClientBuilder()
              .withConfig(config)
              .withHttpClientFactory(new JdkHttpClientFactory())
              .build();
      client = made;
    }
    return made;
  }

  /** Ends watches and forwarded ports, too. */
  @Override
  public synchronized void close() {
    closed = true;
    if (client != null) {
      client.close();
    }
  }
}
