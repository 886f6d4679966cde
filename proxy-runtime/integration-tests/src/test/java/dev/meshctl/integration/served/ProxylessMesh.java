package dev.meshctl.integration.served;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.source.YamlReader;
import dev.meshctl.model.testkit.MeshText;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.translation.MeshTranslation;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A service in two versions, its control plane and its replicas {@code v1-a}, {@code v1-b} and
 * {@code v2-a}, for gRPC clients that have no proxy. Replicas say who they are: as the answer of
 * {@link GrpcXdsClient#WHO}, and in the header {@code hostname} of {@code
 * grpc.testing.TestService}.
 */
final class ProxylessMesh implements AutoCloseable {
  static final String TARGET = "xds:///reviews.judged.svc.cluster.local:9080";
  private static final Metadata.Key<String> HOSTNAME =
      Metadata.Key.of("hostname", Metadata.ASCII_STRING_MARSHALLER);

  private final SnapshotServer server;
  private final Map<String, Server> replicas = new LinkedHashMap<>();

  ProxylessMesh() throws IOException {
    server = new SnapshotServer("");
    for (String name : List.of("v2-a", "v1-a", "v1-b")) {
      replicas.put(name, replica(name));
    }
  }

  private static Server replica(String name) throws IOException {
    return NettyServerBuilder.forAddress(
            new InetSocketAddress("127.0.0.1", 0), InsecureServerCredentials.create())
        .intercept(new Named(name))
        .addService(
            ServerServiceDefinition.builder("judged.Backend")
                .addMethod(GrpcXdsClient.WHO, answering(name))
                .build())
        .addService(
            ServerServiceDefinition.builder("grpc.testing.TestService")
                // Of both messages every field may be missing.
                .addMethod(method("grpc.testing.TestService/EmptyCall"), answering(""))
                .addMethod(method("grpc.testing.TestService/UnaryCall"), answering(""))
                .build())
        .build()
        .start();
  }

  private static MethodDescriptor<String, String> method(String name) {
    return GrpcXdsClient.WHO.toBuilder().setFullMethodName(name).build();
  }

  private static ServerCallHandler<String, String> answering(String answer) {
    return ServerCalls.asyncUnaryCall((asked, out) -> {
      out.onNext(answer);
      out.onCompleted();
    });
  }

  private record Named(String name) implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return next.startCall(
          new SimpleForwardingServerCall<>(call) {
            @Override
            public void sendHeaders(Metadata headers) {
              headers.put(HOSTNAME, name);
              super.sendHeaders(headers);
            }
          },
          headers);
    }
  }

  /**
   * What {@code GRPC_XDS_BOOTSTRAP} names.
   *
   * @param name of the client's node
   */
  Path bootstrap(Path folder, String name) throws IOException {
    return Files.writeString(
        folder.resolve(name + ".json"),
        """
        {"xds_servers": [{"server_uri": "127.0.0.1:%d", "channel_creds": [{"type": "insecure"}],
                          "server_features": ["xds_v3"]}],
         "node": {"id": "sidecar~127.0.0.1~%s.%s~%s.svc.cluster.local",
                  "metadata": {"GENERATOR": "grpc", "SERVICE_ACCOUNT": "judged"}}}
        """
            .formatted(server.port(), name, SnapshotServer.NAMESPACE, SnapshotServer.NAMESPACE));
  }

  /** The client of that name, as it is known to be now. */
  ProxyView view(String name) {
    return server.view(name);
  }

  /**
   * Tells everybody the mesh with that share for v1, in percent, and so many of the replicas, of
   * {@code v2-a} on.
   */
  void publish(int v1, int count) {
    MeshTranslation translation =
        MeshTranslation.of(mesh(v1), new MeshInventory(instances(count), Map.of(), ""));
    server.publish(translation::snapshotFor);
  }

  private static ValidatedMesh mesh(int v1) {
    return MeshText.valid(
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
                .formatted(v1, 100 - v1)));
  }

  private List<WorkloadInstance> instances(int count) {
    return replicas.entrySet().stream()
        .limit(count)
        .map(replica -> {
          String version = replica.getKey().substring(0, 2);
          return new WorkloadInstance(
              "reviews-" + replica.getKey(),
              "judged",
              "reviews-" + version,
              "reviews",
              Map.of("app", "reviews", "version", version),
              "127.0.0.1",
              Map.of("grpc", replica.getValue().getPort()),
              Locality.NONE,
              true,
              true);
        })
        .toList();
  }

  /**
   * The replicas of v1 answered that share of the calls, within five standard deviations, and
   * nobody else answered.
   *
   * @param seen who answered how many
   */
  static void assertShareOfFirst(double share, Map<String, Integer> seen) {
    assertThat(seen.keySet()).isSubsetOf("v1-a", "v1-b", "v2-a");
    int calls = seen.values().stream().mapToInt(Integer::intValue).sum();
    double found = (seen.getOrDefault("v1-a", 0) + seen.getOrDefault("v1-b", 0)) / (double) calls;
    assertThat(found)
        .as("%s", seen)
        .isCloseTo(share, within(5 * Math.sqrt(share * (1 - share) / calls)));
  }

  @Override
  public void close() {
    replicas.values().forEach(Server::shutdownNow);
    server.close();
  }
}
