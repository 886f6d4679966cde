package dev.meshctl.integration.served;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.source.ParsedDocuments;
import dev.meshctl.model.source.YamlReader;
import dev.meshctl.model.testkit.Judges;
import dev.meshctl.model.testkit.MeshText;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.translation.MeshTranslation;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * gRPC's own xDS client in Java resolves {@code xds:///} names against our control plane, without a
 * proxy, and balances as the mesh says.
 */
class ProxylessGrpcIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String NAME = "client";
  private static final int CALLS = 400;

  @TempDir static Path folder;

  private final List<Server> backends = new ArrayList<>();
  private SnapshotServer server;
  private Process client;
  private BufferedReader answers;
  private Writer orders;

  /** Why a call failed, the last one. */
  private String failed = "";

  @BeforeEach
  void start() throws IOException {
    Path jars = Judges.grpcInteropJava();
    server = new SnapshotServer("");
    Path bootstrap = folder.resolve("bootstrap.json");
    Files.writeString(
        bootstrap,
        """
        {"xds_servers": [{"server_uri": "127.0.0.1:%d", "channel_creds": [{"type": "insecure"}],
                          "server_features": ["xds_v3"]}],
         "node": {"id": "sidecar~127.0.0.1~%s.%s~%s.svc.cluster.local",
                  "metadata": {"GENERATOR": "grpc", "SERVICE_ACCOUNT": "judged"}}}
        """
            .formatted(server.port(), NAME, SnapshotServer.NAMESPACE, SnapshotServer.NAMESPACE));
    ProcessBuilder command =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                // Its jars first, and of ours the client alone: versions must not mix.
                jars + "/*:" + Path.of("target", "test-classes").toAbsolutePath(),
                GrpcXdsClient.class.getName(),
                "xds:///reviews.judged.svc.cluster.local:9080")
            .redirectError(folder.resolve("client.log").toFile());
    command.environment().put("GRPC_XDS_BOOTSTRAP", bootstrap.toString());
    client = command.start();
    answers =
        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
    orders = client.outputWriter(StandardCharsets.UTF_8);
    for (String name : List.of("v1-a", "v1-b", "v2-a")) {
      backends.add(backend(name));
    }
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (client != null) {
      client.destroy();
      client.waitFor();
    }
    backends.forEach(Server::shutdownNow);
    if (server != null) {
      server.close();
    }
  }

  private static Server backend(String name) throws IOException {
    return NettyServerBuilder.forAddress(
            new InetSocketAddress("127.0.0.1", 0), InsecureServerCredentials.create())
        .addService(
            ServerServiceDefinition.builder("judged.Backend")
                .addMethod(
                    GrpcXdsClient.WHO,
                    ServerCalls.asyncUnaryCall((asked, out) -> {
                      out.onNext(name);
                      out.onCompleted();
                    }))
                .build())
        .build()
        .start();
  }

  /** Tells the client the mesh with that share for v1, and so many replicas of the backends. */
  private void publish(int v1, int replicas) {
    MeshTranslation translation =
        MeshTranslation.of(mesh(v1), new MeshInventory(instances(replicas), Map.of(), ""));
    server.publish(translation::snapshotFor);
  }

  private static ValidatedMesh mesh(int v1) {
    ParsedDocuments parsed =
        YamlReader.read(
            "mesh.yaml",
            """
            apiVersion: v1
            kind: Service
            metadata: {name: reviews, namespace: judged}
            spec: {selector: {app: reviews}, ports: [{name: grpc, port: 9080, targetPort: grpc}]}
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: reviews, namespace: judged}
            spec:
              host: reviews
              subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: reviews, namespace: judged}
            spec:
              hosts: [reviews]
              http:
                - route:
                    - {destination: {host: reviews, subset: v1}, weight: %d}
                    - {destination: {host: reviews, subset: v2}, weight: %d}
            """
                .formatted(v1, 100 - v1));
    return MeshText.valid(parsed);
  }

  private List<WorkloadInstance> instances(int replicas) {
    List<WorkloadInstance> instances = new ArrayList<>();
    List<String> names = List.of("v2-a", "v1-a", "v1-b");
    for (String name : names.subList(0, replicas)) {
      Server backend = backends.get(List.of("v1-a", "v1-b", "v2-a").indexOf(name));
      String version = name.substring(0, 2);
      instances.add(
          new WorkloadInstance(
              "reviews-" + name,
              "judged",
              "reviews-" + version,
              "reviews",
              Map.of("app", "reviews", "version", version),
              "127.0.0.1",
              Map.of("grpc", backend.getPort()),
              Locality.NONE,
              true,
              true));
    }
    return instances;
  }

  /** Who answered how many of the next calls. */
  private Map<String, Integer> seen(int calls) throws IOException {
    orders.write(calls + "\n");
    orders.flush();
    String line = answers.readLine();
    while (line != null && !line.startsWith("SEEN ")) {
      failed = line;
      line = answers.readLine();
    }
    Map<String, Integer> seen = new TreeMap<>();
    if (line == null) {
      throw new IOException("the client ended: " + Files.readString(folder.resolve("client.log")));
    }
    for (String pair : line.replaceAll("SEEN |[{} ]", "").split(",", -1)) {
      String[] sides = pair.split("=", -1);
      seen.put(sides[0], Integer.parseInt(sides[1]));
    }
    return seen;
  }

  /** Within five standard deviations, and nobody else answers. */
  private void assertShareOfFirst(double share) throws IOException {
    Map<String, Integer> seen = seen(CALLS);
    assertThat(seen.keySet()).as(failed).isSubsetOf("v1-a", "v1-b", "v2-a");
    double found = (seen.getOrDefault("v1-a", 0) + seen.getOrDefault("v1-b", 0)) / (double) CALLS;
    assertThat(found)
        .as("%s %s", seen, failed)
        .isCloseTo(share, within(5 * Math.sqrt(share * (1 - share) / CALLS)));
  }

  @Test
  void it_follows_a_split_its_change_and_an_endpoint_that_goes() throws Exception {
    publish(80, 3);
    assertShareOfFirst(0.8);
    assertThat(server.view(NAME).types()).allSatisfy(type -> assertThat(type.error()).isEmpty());
    Map<String, Integer> both = seen(CALLS);
    assertThat(both.keySet()).contains("v1-a", "v1-b");

    publish(30, 3);
    await().atMost(SOON).untilAsserted(() -> assertShareOfFirst(0.3));

    publish(30, 2);
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(seen(CALLS).keySet()).containsExactly("v1-a", "v2-a"));
    assertThat(server.view(NAME).state()).isNotEqualTo(ProxyView.State.REJECTED);
  }
}
