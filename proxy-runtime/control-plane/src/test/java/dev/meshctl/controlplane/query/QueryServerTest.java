package dev.meshctl.controlplane.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.meshctl.identity.CertificateAuthority;
import dev.meshctl.identity.CurrentIdentity;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.identity.TokenIssuer;
import dev.meshctl.identity.TokenVerifier;
import dev.meshctl.model.query.CertificatesView;
import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphWatch;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.MeshEndpoint;
import dev.meshctl.model.query.MeshQueryException;
import dev.meshctl.model.query.MeshStatus;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.query.ResourceStatus;
import dev.meshctl.model.source.Position;
import dev.meshctl.model.telemetry.EdgeKey;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.telemetry.LatencyHistogram;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.ResourceType;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client that CLI and console use, against the server: HTTPS on loopback. */
class QueryServerTest {
  private static final MeshStatus STATUS =
      new MeshStatus(
          "m",
          "1",
          "cluster.local",
          1L,
          2L,
          false,
          Map.of("a.yaml", "00ff"),
          List.of(
              new Diagnostic(
                  "MESH0001",
                  Diagnostic.Severity.ERROR,
                  "a.yaml",
                  new Position("a.yaml", 3, 4),
                  "spec",
                  "bad",
                  "mend it")),
          3,
          2);
  private static final ProxyView PROXY =
      new ProxyView(
          "sidecar~1~a.b~c/d e",
          "SIDECAR",
          "default",
          "reviews",
          "reviews-0",
          "spiffe://x/ns/y/sa/z",
          ProxyView.State.REJECTED,
          5L,
          6L,
          List.of(new ProxyView.TypeStatus("CLUSTER", 3, 2, 1, "no")));

  private static final ResourceStatus RESOURCE =
      new ResourceStatus(
          "CLUSTER", "a", ResourceStatus.State.REFUSED, "2", "1", "1", "2", "no such thing");

  @TempDir Path folder;
  private final TokenIssuer issuer = TokenIssuer.create(InstantSource.system());
  private final CurrentIdentity identity = new CurrentIdentity();
  private final AtomicInteger graphs = new AtomicInteger();
  private final Semaphore ticks = new Semaphore(0);
  private CertificateAuthority authority;
  private QueryServer server;
  private MeshClient client;

  @BeforeEach
  void serve() throws Exception {
    authority = authority("state");
    identity.publish(server(authority));
    issuer.writePublicKey(folder.resolve("key.jwk"));
    server =
        QueryServer.start(
            new InetSocketAddress("127.0.0.1", 0),
            identity,
            new TokenVerifier(folder.resolve("key.jwk"), InstantSource.system()),
            new Fixed(),
            wait -> ticks.acquire(),
            Optional.empty());
    Files.writeString(folder.resolve("roots.pem"), authority.trustBundlePem());
    TokenIssuer.writeToken(folder.resolve("token"), issuer.operatorToken(Duration.ofMinutes(1)));
    client = MeshClient.of(endpoint(server.address().getPort()));
  }

  private CertificateAuthority authority(String name) throws Exception {
    return CertificateAuthority.open(
        new CertificateAuthority.Settings(
            "cluster.local", folder.resolve(name), Duration.ofHours(1)),
        InstantSource.system(),
        new SecureRandom());
  }

  private static dev.meshctl.net.tls.IdentityMaterial server(CertificateAuthority authority) {
    return authority.serverIdentity(
        new SpiffeId("cluster.local", "istio-system", "istiod"), List.of(), List.of("127.0.0.1"));
  }

  private MeshEndpoint endpoint(int port) {
    return new MeshEndpoint(
        "https://127.0.0.1:" + port,
        folder.resolve("roots.pem").toString(),
        folder.resolve("token").toString());
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private final class Fixed implements Answers {
    @Override
    public MeshStatus status() {
      return STATUS;
    }

    @Override
    public GraphView graph(Duration window, List<EdgeSample> others) {
      return new GraphView(
          graphs.incrementAndGet(),
          window.toMillis(),
          others.stream().map(Fixed::node).toList(),
          List.of());
    }

    private static GraphView.Node node(EdgeSample sample) {
      return new GraphView.Node(
          sample.key().destinationService(),
          GraphView.NodeKind.SERVICE,
          "",
          "",
          "",
          "",
          1,
          1,
          new GraphView.Signals(
              sample.requests(),
              sample.errors(),
              0,
              0,
              0,
              sample.latency().quantileMicros(0.99),
              0));
    }

    @Override
    public List<EdgeSample> edges(Duration window) {
      LatencyHistogram latency = new LatencyHistogram();
      latency.record(1000);
      latency.record(9000);
      return List.of(
          new EdgeSample(
              new EdgeKey(
                  WorkloadRef.UNKNOWN,
                  "cart",
                  WorkloadRef.UNKNOWN,
                  EdgeKey.Protocol.GRPC,
                  true,
                  "r"),
              List.of(
                  new EdgeSample.ResponseCount(200, 0, "", 1),
                  new EdgeSample.ResponseCount(503, -1, "UH", 1)),
              10,
              20,
              latency.drain()));
    }

    @Override
    public CertificatesView certificates() {
      return new CertificatesView("cluster.local", 0, 0, List.of(), List.of());
    }

    @Override
    public List<ProxyView> proxies() {
      return List.of(PROXY);
    }

    @Override
    public Optional<List<ResourceStatus>> resources(String proxyId) {
      return proxyId.equals(PROXY.id()) ? Optional.of(List.of(RESOURCE)) : Optional.empty();
    }

    @Override
    public Optional<String> proxyConfig(String proxyId, ResourceType type) {
      return proxyId.equals(PROXY.id())
          ? Optional.of("[{\"name\":\"" + type + "\"}]")
          : Optional.empty();
    }
  }

  @Test
  void certificates_are_told_to_whom_may_ask() {
    assertThat(client.certificates().trustDomain()).isEqualTo("cluster.local");
  }

  @Test
  void every_record_arrives_as_it_was_sent() {
    assertThat(client.status()).isEqualTo(STATUS);
    assertThat(client.proxies()).containsExactly(PROXY);
    assertThat(client.graph(Duration.ofSeconds(7)).windowMillis()).isEqualTo(7000);
  }

  @Test
  void what_another_replica_measured_is_drawn_with_what_this_one_did() {
    GraphView together =
        client.graph(Duration.ofSeconds(7), List.of(client.edges(Duration.ofSeconds(7))));

    GraphView.Signals received = together.nodes().getFirst().received();
    assertThat(received.requests()).isEqualTo(2);
    assertThat(received.errors()).isEqualTo(1);
    assertThat(received.p99Ms()).as("histograms come whole").isBetween(8900.0, 9300.0);
    assertThat(together.windowMillis()).isEqualTo(7000);
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    trusted.setCertificateEntry("root", authority.trustBundle().getFirst());
    TrustManagerFactory managers = TrustManagerFactory.getInstance("PKIX");
    managers.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    try (HttpClient http = HttpClient.newBuilder().sslContext(context).build()) {
      return http.send(
          HttpRequest.newBuilder(
                  URI.create("https://127.0.0.1:" + server.address().getPort() + "/api/v1/" + path))
              .header(
                  "Authorization", "Bearer " + Files.readString(folder.resolve("token")).strip())
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  void samples_that_do_not_read_are_refused() throws Exception {
    assertThat(post("graph", "[{\"key\": 3}]").statusCode()).isEqualTo(400);
    assertThat(post("graph?windowSeconds=0", "[]").statusCode()).isEqualTo(400);
    assertThat(post("status", "[]").statusCode()).as("what is only told").isIn(401, 405);
  }

  @Test
  void a_proxys_configuration_is_found_whatever_its_id_holds() {
    assertThat(client.proxyConfig(PROXY.id(), "routes").get(0).get("name").stringValue())
        .isEqualTo("ROUTE");
    assertThatThrownBy(() -> client.proxyConfig("nobody", "routes"))
        .isInstanceOf(MeshQueryException.NotFound.class)
        .hasMessageContaining("no proxy nobody is connected");
    assertThatThrownBy(() -> client.proxyConfig(PROXY.id(), "wheels"))
        .isInstanceOf(MeshQueryException.NotFound.class)
        .hasMessageContaining("wheels");
  }

  @Test
  void how_far_a_proxy_followed_is_told_resource_by_resource() {
    assertThat(client.resources(PROXY.id())).containsExactly(RESOURCE);
    assertThatThrownBy(() -> client.resources("nobody"))
        .isInstanceOf(MeshQueryException.NotFound.class)
        .hasMessageContaining("no proxy nobody is connected");
  }

  @Test
  void a_watch_gives_a_graph_at_each_tick_until_it_is_closed() {
    try (GraphWatch watch = client.watchGraph(Duration.ofSeconds(3))) {
      long first = watch.next().atEpochMillis();
      ticks.release();
      assertThat(watch.next().atEpochMillis()).isEqualTo(first + 1);
      watch.close();
      assertThat(watch.hasNext()).isFalse();
    }
  }

  @Test
  void a_watch_of_a_server_that_goes_away_ends_with_a_reason() {
    GraphWatch watch = client.watchGraph(Duration.ofSeconds(3));
    watch.next();

    server.close();

    assertThatThrownBy(watch::hasNext)
        .isInstanceOf(MeshQueryException.Unreachable.class)
        .hasMessageContaining("/api/v1/graph/watch");
  }

  @Test
  void without_an_operators_token_there_is_no_answer() throws Exception {
    for (String token :
        List.of(
            "nonsense",
            TokenIssuer.create(InstantSource.system()).operatorToken(Duration.ofMinutes(1)),
            issuer.operatorToken(Duration.ofMinutes(-1)),
            issuer.workloadToken(
                new SpiffeId("cluster.local", "default", "reviews"), Duration.ofMinutes(1)))) {
      TokenIssuer.writeToken(folder.resolve("token"), token);
      assertThatThrownBy(client::status)
          .isInstanceOf(MeshQueryException.Denied.class)
          .hasMessageContaining(folder.resolve("token").toString())
          .hasMessageNotContaining(token);
    }
    Files.delete(folder.resolve("token"));
    assertThatThrownBy(client::status).isInstanceOf(MeshQueryException.Denied.class);
  }

  @Test
  void a_renewed_token_is_used_without_a_new_client() throws Exception {
    TokenIssuer.writeToken(folder.resolve("token"), "nonsense");
    assertThatThrownBy(client::status).isInstanceOf(MeshQueryException.Denied.class);

    TokenIssuer.writeToken(folder.resolve("token"), issuer.operatorToken(Duration.ofMinutes(1)));

    assertThat(client.status()).isEqualTo(STATUS);
  }

  @Test
  void a_server_that_the_bundle_does_not_verify_gets_no_token() throws Exception {
    identity.publish(server(authority("other")));

    try (MeshClient fresh = MeshClient.of(endpoint(server.address().getPort()))) {
      assertThatThrownBy(fresh::status)
          .isInstanceOf(MeshQueryException.Untrusted.class)
          .hasMessageContaining(folder.resolve("roots.pem").toString());
    }
  }

  @Test
  void a_server_that_is_called_by_an_address_it_does_not_name_is_refused() {
    identity.publish(
        authority.serverIdentity(
            new SpiffeId("cluster.local", "istio-system", "istiod"),
            List.of(),
            List.of("127.0.0.99")));

    try (MeshClient fresh = MeshClient.of(endpoint(server.address().getPort()))) {
      assertThatThrownBy(fresh::status).isInstanceOf(MeshQueryException.Untrusted.class);
    }
  }

  @Test
  void nothing_there_is_said_with_the_address() {
    int port = server.address().getPort();
    server.close();

    await()
        .untilAsserted(() ->
            assertThatThrownBy(client::status)
                .isInstanceOf(MeshQueryException.Unreachable.class)
                .hasMessageContaining("https://127.0.0.1:" + port));
  }

  @Test
  void a_trust_bundle_that_is_none_is_named() throws Exception {
    Files.writeString(folder.resolve("roots.pem"), "");

    assertThatThrownBy(() -> MeshClient.of(endpoint(1)))
        .isInstanceOf(MeshQueryException.Untrusted.class)
        .hasMessageContaining(folder.resolve("roots.pem").toString());
  }

  @Test
  void an_endpoint_file_is_the_owners_alone_and_reads_back() throws Exception {
    MeshEndpoint endpoint = endpoint(7);
    endpoint.write(folder.resolve("endpoint.json"));

    assertThat(MeshEndpoint.read(folder.resolve("endpoint.json"))).isEqualTo(endpoint);
    assertThat(
            java.nio.file.attribute.PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("endpoint.json"))))
        .isEqualTo("rw-------");
    assertThatThrownBy(() -> MeshEndpoint.read(folder.resolve("absent.json")))
        .isInstanceOf(MeshQueryException.NoMesh.class)
        .hasMessageContaining("meshctl local up");
  }
}
