package dev.meshctl.integration.served;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.identity.CertificateAuthority;
import dev.meshctl.identity.Pem;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.model.source.YamlReader;
import dev.meshctl.model.testkit.MeshText;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.translation.MeshTranslation;
import dev.meshctl.net.tls.IdentityMaterial;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * gRPC's own xDS client without a proxy reaches a workload that takes mutual TLS only, through its
 * sidecar, with a certificate of the mesh that it reads from files (gRFC A29).
 */
class ProxylessTlsIT {
  private static final String SIDECAR_ADDRESS = "127.78.2.1";
  private static final String TRUST_DOMAIN = "cluster.local";
  private static final Metadata.Key<String> CLIENT_CERTIFICATE =
      Metadata.Key.of("x-forwarded-client-cert", Metadata.ASCII_STRING_MARSHALLER);

  @TempDir Path folder;

  private final List<String> proved = new CopyOnWriteArrayList<>();
  private CertificateAuthority authority;
  private SnapshotServer server;
  private Server workload;

  @BeforeEach
  void start() throws Exception {
    authority =
        CertificateAuthority.open(
            new CertificateAuthority.Settings(
                TRUST_DOMAIN, folder.resolve("ca"), Duration.ofHours(1)),
            InstantSource.system(),
            new SecureRandom());
    server = new SnapshotServer(authority.trustBundlePem());
    workload =
        NettyServerBuilder.forAddress(
                new InetSocketAddress("127.0.0.1", 0), InsecureServerCredentials.create())
            .intercept(
                new ServerInterceptor() {
                  @Override
                  public <Q, A> ServerCall.Listener<Q> interceptCall(
                      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                    proved.add(String.valueOf(headers.get(CLIENT_CERTIFICATE)));
                    return next.startCall(call, headers);
                  }
                })
            .addService(
                ServerServiceDefinition.builder("judged.Backend")
                    .addMethod(
                        GrpcXdsClient.WHO,
                        ServerCalls.asyncUnaryCall((asked, out) -> {
                          out.onNext("reviews");
                          out.onCompleted();
                        }))
                    .build())
            .build()
            .start();
    publish();
  }

  @AfterEach
  void stop() {
    workload.shutdownNow();
    server.close();
  }

  private IdentityMaterial identity(String account) {
    return authority.serverIdentity(
        new SpiffeId(TRUST_DOMAIN, SnapshotServer.NAMESPACE, account), List.of(), List.of());
  }

  /** A service of one replica, which is STRICT. */
  private void publish() {
    var mesh =
        MeshText.valid(
            YamlReader.read(
                "mesh.yaml",
                """
                apiVersion: v1
                kind: Service
                metadata: {name: reviews, namespace: judged}
                spec: {selector: {app: reviews}, ports: [{name: grpc, port: 9080, targetPort: grpc}]}
                ---
                apiVersion: security.istio.io/v1
                kind: PeerAuthentication
                metadata: {name: default, namespace: judged}
                spec: {mtls: {mode: STRICT}}
                """));
    WorkloadInstance replica =
        new WorkloadInstance(
            "reviews-0",
            SnapshotServer.NAMESPACE,
            "reviews",
            SnapshotServer.ACCOUNT,
            Map.of("app", "reviews"),
            SIDECAR_ADDRESS,
            Map.of("grpc", workload.getPort()),
            Locality.NONE,
            true,
            true);
    MeshTranslation translation =
        MeshTranslation.of(mesh, new MeshInventory(List.of(replica), Map.of(), ""));
    server.publish(translation::snapshotFor);
  }

  /** The sidecar of the replica, with a certificate of {@code account}. */
  private ServedProxy sidecar(String account) {
    return ServedProxy.start(
        new ProxyNode(
            "sidecar~" + SIDECAR_ADDRESS + "~reviews-0.judged~judged.svc.cluster.local",
            ProxyNode.Role.SIDECAR,
            SnapshotServer.NAMESPACE,
            "reviews",
            "reviews-0",
            SnapshotServer.ACCOUNT,
            Map.of("app", "reviews"),
            new ProxyNode.Capture.Explicit(SIDECAR_ADDRESS, "127.0.0.1", "127.78.17.")),
        server,
        identity(account));
  }

  private GrpcXdsProcess client(String... credentials) throws Exception {
    IdentityMaterial own = identity("client");
    Files.writeString(folder.resolve("cert.pem"), Pem.certificates(own.chain()));
    Files.writeString(folder.resolve("roots.pem"), Pem.certificates(own.trustBundle()));
    Files.writeString(
        folder.resolve("key.pem"),
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(own.key().getEncoded())
            + "\n-----END PRIVATE KEY-----\n");
    Path bootstrap =
        Files.writeString(
            folder.resolve("bootstrap.json"),
            """
            {"xds_servers": [{"server_uri": "127.0.0.1:%d", "channel_creds": [{"type": "insecure"}],
                              "server_features": ["xds_v3"]}],
             "node": {"id": "sidecar~127.0.0.1~client.judged~judged.svc.cluster.local",
                      "metadata": {"GENERATOR": "grpc", "SERVICE_ACCOUNT": "judged"}},
             "certificate_providers": {"default": {"plugin_name": "file_watcher", "config": {
                "certificate_file": "%s/cert.pem", "private_key_file": "%s/key.pem",
                "ca_certificate_file": "%s/roots.pem", "refresh_interval": "600s"}}}}
            """
                .formatted(server.port(), folder, folder, folder));
    String[] arguments = new String[credentials.length + 1];
    arguments[0] = ProxylessMesh.TARGET;
    System.arraycopy(credentials, 0, arguments, 1, credentials.length);
    return new GrpcXdsProcess(bootstrap, folder.resolve("client.log"), arguments);
  }

  @Test
  void a_client_with_a_certificate_of_the_mesh_is_let_in_and_known() throws Exception {
    try (ServedProxy sidecar = sidecar(SnapshotServer.ACCOUNT);
        GrpcXdsProcess client = client("xds")) {
      server.settled("reviews-0");

      assertThat(client.seen(10)).as(client.failures()).containsExactly(Map.entry("reviews", 10));

      assertThat(sidecar.listeners()).isNotEmpty();
      assertThat(proved)
          .hasSize(10)
          .allMatch(header -> header.contains("URI=spiffe://cluster.local/ns/judged/sa/client"));
      assertThat(server.view("client").types())
          .allSatisfy(type -> assertThat(type.error()).isEmpty());
    }
  }

  @Test
  void a_client_in_the_clear_is_kept_out() throws Exception {
    try (ServedProxy sidecar = sidecar(SnapshotServer.ACCOUNT);
        GrpcXdsProcess client = client()) {
      server.settled("reviews-0");

      assertThat(client.seen(2)).doesNotContainKey("reviews");

      assertThat(sidecar.listeners()).isNotEmpty();
      assertThat(proved).isEmpty();
    }
  }

  @Test
  void a_server_of_another_account_is_not_believed() throws Exception {
    try (ServedProxy impostor = sidecar("impostor");
        GrpcXdsProcess client = client("xds")) {
      server.settled("reviews-0");

      assertThat(client.seen(2)).doesNotContainKey("reviews");

      assertThat(impostor.listeners()).isNotEmpty();
      assertThat(client.failures()).contains("Peer certificate SAN check failed");
      assertThat(proved).isEmpty();
    }
  }
}
