package dev.meshctl.app;

import com.sun.net.httpserver.HttpServer;
import dev.meshctl.app.TrainingJvm.Trainee;
import dev.meshctl.app.config.ConfigFiles;
import dev.meshctl.app.config.ControlPlaneConfig;
import dev.meshctl.app.config.ProxyBootstrap;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.identity.TokenIssuer;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.MeshEndpoint;
import dev.meshctl.model.query.MeshQueryException;
import dev.meshctl.model.query.MeshStatus;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.WorkloadInstance;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A control plane and one sidecar as processes, and a proxy that runs alone where one is to be
 * trained, on a block of loopback addresses that nobody else uses. The workload calls itself, so
 * that a request goes through both sides of the one sidecar: {@code out of the mesh's workload echo
 * -> outbound -> mutual TLS -> inbound -> echo}.
 */
final class TrainingMesh implements AutoCloseable {
  private static final String TRUST_DOMAIN = "cluster.local";
  private static final int SERVICE_PORT = 9080;
  private static final int TARGET_PORT = 8080;
  private static final Duration TOKEN_LIFETIME = Duration.ofMinutes(5);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final String YAML =
      """
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: echo, namespace: default}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: echo-v1, namespace: default}
      spec:
        selector: {matchLabels: {app: echo, version: v1}}
        template:
          metadata: {labels: {app: echo, version: v1}}
          spec:
            serviceAccountName: echo
            containers: [{name: echo, image: echo, ports: [{containerPort: 8080}]}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: echo, namespace: default}
      spec:
        selector: {app: echo}
        ports: [{name: http, port: 9080, targetPort: 8080}]
      ---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: echo, namespace: default}
      spec:
        host: echo
        subsets: [{name: v1, labels: {version: v1}}]
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: echo, namespace: default}
      spec:
        hosts: [echo]
        http:
        - timeout: %ds
          retries: {attempts: 1, perTryTimeout: 1s}
          route: [{destination: {host: echo, subset: v1}, weight: 100}]
      """;

  /** A proxy alone, with what most bootstraps have. */
  private static final String STANDALONE =
      """
      static_resources:
        listeners:
        - name: front
          address: {socket_address: {address: %1$s, port_value: 9080}}
          filter_chains:
          - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: front
                route_config:
                  virtual_hosts:
                  - name: all
                    domains: ["*"]
                    routes: [{match: {prefix: /}, route: {cluster: echo}}]
                http_filters:
                - name: envoy.filters.http.router
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
        clusters:
        - name: echo
          type: STATIC
          connect_timeout: 1s
          load_assignment: &echo
            cluster_name: echo
            endpoints:
            - lb_endpoints:
              - endpoint: {address: {socket_address: {address: %2$s, port_value: 8080}}}
        - name: secure
          type: STATIC
          load_assignment: *echo
          transport_socket:
            name: envoy.transport_sockets.tls
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
              common_tls_context: {validation_context: {trusted_ca: {filename: %3$s}}}
      admin: {address: {socket_address: {address: %1$s, port_value: 0}}}
      """;

  private static final int DISCOVERY_PORT = 15012;
  private static final int QUERY_PORT = 15014;

  private final Deque<AutoCloseable> undo = new ArrayDeque<>();
  private final Path folder;
  private final String block;
  private final MeshEndpoint endpoint;
  private final boolean hasStandalone;

  static TrainingMesh start(TrainingJvm jvm) throws Exception {
    return new TrainingMesh(jvm);
  }

  private TrainingMesh(TrainingJvm jvm) throws Exception {
    folder = Files.createTempDirectory("meshctl-training");
    undo.push(() -> delete(folder));
    try {
      block = freeBlock();
      Files.createDirectory(folder.resolve("config"));
      write(2);
      Files.writeString(folder.resolve("inventory.json"), ConfigFiles.json(inventory()));
      TokenIssuer issuer = TokenIssuer.create(InstantSource.system());
      issuer.writePublicKey(folder.resolve("issuer.jwk"));
      TokenIssuer.writeToken(folder.resolve("operator"), issuer.operatorToken(TOKEN_LIFETIME));
      undo.push(echo());
      endpoint =
          new MeshEndpoint(
              "https://" + block + "0.1:" + QUERY_PORT,
              trustBundle().toString(),
              folder.resolve("operator").toString());
      Path controlPlane = folder.resolve("control-plane.json");
      Files.writeString(controlPlane, ConfigFiles.json(controlPlaneConfig()));
      undo.push(jvm.start(Trainee.CONTROL_PLANE, controlPlane, folder.resolve("cp.log")));
      awaitTrustBundle();
      Path proxy = folder.resolve("echo.json");
      Files.writeString(proxy, ConfigFiles.json(proxyBootstrap(issuer)));
      undo.push(jvm.start(Trainee.PROXY, proxy, folder.resolve("proxy.log")));
      hasStandalone = jvm.wants(Trainee.STANDALONE);
      if (hasStandalone) {
        Path alone = folder.resolve("standalone.yaml");
        Files.writeString(alone, STANDALONE.formatted(block + "3.1", block + "1.1", trustBundle()));
        undo.push(jvm.start(Trainee.STANDALONE, alone, folder.resolve("standalone.log")));
      }
    } catch (Exception failed) {
      close();
      throw failed;
    }
  }

  private Path trustBundle() {
    return folder.resolve("state").resolve("root-cert.pem");
  }

  private void awaitTrustBundle() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (!Files.exists(trustBundle())) {
      if (System.nanoTime() - deadline > 0) {
        throw new IOException(
            "the control plane never started: " + Files.readString(folder.resolve("cp.log")));
      }
      Thread.sleep(20);
    }
  }

  /**
   * Sends requests through both sides of the sidecar, changes a route meanwhile; gives how many
   * were 200.
   */
  int exercise(int requests, long deadlineNanos) throws Exception {
    int answered = 0;
    try (MeshClient client = MeshClient.of(endpoint)) {
      if (!awaitInStep(client, 1, deadlineNanos)) {
        throw new IOException(
            "the proxy never followed: " + Files.readString(folder.resolve("proxy.log")));
      }
      while (answered < requests && System.nanoTime() < deadlineNanos) {
        answered += burst("17.1", requests / 2);
        write(3);
        Thread.sleep(50);
      }
      awaitInStep(client, 2, deadlineNanos);
      if (hasStandalone) {
        exerciseStandalone(requests / 2, deadlineNanos);
      }
      client.graph(Duration.ofSeconds(10));
      for (ProxyView proxy : client.proxies()) {
        client.proxyConfig(proxy.id(), "listeners");
      }
    }
    return answered;
  }

  private void exerciseStandalone(int requests, long deadlineNanos) throws Exception {
    int answered = 0;
    while (answered == 0 && System.nanoTime() < deadlineNanos) {
      answered = burst("3.1", requests);
    }
    if (answered == 0) {
      throw new IOException(
          "the proxy alone never answered: " + Files.readString(folder.resolve("standalone.log")));
    }
  }

  private static boolean awaitInStep(MeshClient client, long generation, long deadlineNanos)
      throws InterruptedException {
    while (System.nanoTime() < deadlineNanos) {
      try {
        MeshStatus status = client.status();
        if (status.generation() >= generation && status.proxiesSynced() == 1) {
          return true;
        }
      } catch (MeshQueryException notYet) {
        // The deadline ends this.
      }
      Thread.sleep(20);
    }
    return false;
  }

  /** Requests on one kept connection; those answered with 200. */
  private int burst(String host, int requests) throws InterruptedException {
    byte[] request =
        ("GET /hello HTTP/1.1\r\nHost: echo:" + SERVICE_PORT + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    int answered = 0;
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(block + host, SERVICE_PORT), 500);
      socket.setSoTimeout(1000);
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (int i = 0; i < requests; i++) {
        socket.getOutputStream().write(request);
        if (readAnswer(in) == 200) {
          answered++;
        }
      }
    } catch (IOException notReady) {
      Thread.sleep(50);
    }
    return answered;
  }

  private static int readAnswer(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the proxy closed the connection");
      }
      head.append((char) next);
    }
    int length = 0;
    for (String line : head.toString().split("\r\n")) {
      if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
        length = Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
      }
    }
    in.readNBytes(length);
    return Integer.parseInt(head.substring(9, 12));
  }

  private void write(int timeoutSeconds) throws IOException {
    Files.writeString(
        folder.resolve("config").resolve("mesh.yaml"), YAML.formatted(timeoutSeconds));
  }

  private MeshInventory inventory() {
    return new MeshInventory(
        List.of(
            new WorkloadInstance(
                "echo-v1-0",
                "default",
                "echo-v1",
                "echo",
                Map.of("app", "echo", "version", "v1"),
                block + "2.1",
                Map.of(),
                Locality.NONE,
                true,
                true)),
        Map.of("default/echo", 1),
        "10.96.0.");
  }

  private ControlPlaneConfig controlPlaneConfig() {
    return new ControlPlaneConfig(
        "training",
        TRUST_DOMAIN,
        folder.resolve("config").toString(),
        folder.resolve("inventory.json").toString(),
        folder.resolve("state").toString(),
        folder.resolve("issuer.jwk").toString(),
        block + "0.1:" + DISCOVERY_PORT,
        block + "0.1:" + QUERY_PORT,
        3600);
  }

  private ProxyBootstrap proxyBootstrap(TokenIssuer issuer) throws IOException {
    Path token = folder.resolve("echo.token");
    TokenIssuer.writeToken(
        token, issuer.workloadToken(new SpiffeId(TRUST_DOMAIN, "default", "echo"), TOKEN_LIFETIME));
    return new ProxyBootstrap(
        new ProxyNode(
            "sidecar~" + block + "2.1~echo-v1-0.default~default.svc.cluster.local",
            ProxyNode.Role.SIDECAR,
            "default",
            "echo-v1",
            "echo-v1-0",
            "echo",
            Map.of("app", "echo", "version", "v1"),
            new ProxyNode.Capture.Explicit(block + "2.1", block + "1.1", block + "17.")),
        TRUST_DOMAIN,
        block + "0.1:" + DISCOVERY_PORT,
        trustBundle().toString(),
        token.toString(),
        block + "2.1:0",
        block + "2.1:0",
        "",
        folder.resolve("access.log").toString(),
        1);
  }

  private AutoCloseable echo() throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(block + "1.1", TARGET_PORT), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = "hello\n".getBytes(StandardCharsets.US_ASCII);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return () -> server.stop(0);
  }

  /** {@code 127.M.}, with an M at which the workload's port is free. */
  private static String freeBlock() throws IOException {
    int start = (int) (ProcessHandle.current().pid() % 100);
    for (int i = 0; i < 100; i++) {
      String block = "127." + (128 + (start + i) % 100) + ".";
      try (ServerSocket probe =
          new ServerSocket(TARGET_PORT, 1, InetAddress.getByName(block + "1.1"))) {
        return block;
      } catch (IOException taken) {
        // The next one.
      }
    }
    throw new IOException("no free block in 127.128.0.0 to 127.227.255.255");
  }

  @Override
  public void close() {
    while (!undo.isEmpty()) {
      try {
        undo.pop().close();
      } catch (Exception alreadyGone) {
        // The rest must still be ended.
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }
}
