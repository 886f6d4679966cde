package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.TestAuthority.certificatePem;
import static dev.meshctl.dataplane.testing.TestAuthority.keyPem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.dataplane.testing.TestAuthority;
import dev.meshctl.model.testkit.MeshText;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.translation.MeshTranslation;
import dev.meshctl.net.tls.IdentityMaterial;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** TLS at a gateway as it is written, with Secrets, over real sockets. */
class EdgeTlsTest {
  private static final String PROXY = "127.64.79.1";
  private static final int PATIENCE_MILLIS = (int) Duration.ofSeconds(10).toMillis();
  private static final String NONE = "";

  private final TestAuthority authority = new TestAuthority();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Backend web = open(new Backend("web"));
  private final DataPlane plane =
      open(DataPlane.start(Snapshots.settings("edge", 1), Optional.of(authority.issue("edge"))));
  private final IdentityMaterial shop = authority.issueFor("shop.example.com");
  private final IdentityMaterial bank = authority.issueFor("bank.example.com");
  private int secure;
  private int plain;
  private int ownTls;
  private int gatewayApiPort;

  private <T extends AutoCloseable> T open(T resource) {
    opened.addFirst(resource);
    return resource;
  }

  @BeforeEach
  void choosePorts() throws Exception {
    secure = freePort();
    plain = freePort();
    HttpsServer server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(context(Optional.of(authority.issueFor("through.example.com")))));
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    opened.addFirst(() -> server.stop(0));
    ownTls = server.getAddress().getPort();
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getByName(PROXY))) {
      return probe.getLocalPort();
    }
  }

  private static String secret(String name, IdentityMaterial identity, String authorities) {
    String text =
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: %s, namespace: istio-system}
        stringData:
          tls.crt: |
        %s
          tls.key: |
        %s
        """
            .formatted(name, certificatePem(identity).indent(4), keyPem(identity).indent(4));
    return authorities.isEmpty() ? text : text + "  ca.crt: |\n" + authorities.indent(4);
  }

  private String mesh() {
    return """
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: edge, namespace: shop}
    spec:
      selector: {istio: edge}
      servers:
      - port: {number: %2$d, name: http, protocol: HTTP}
        hosts: ["*.example.com"]
        tls: {httpsRedirect: true}
      - port: {number: %1$d, name: shop, protocol: HTTPS}
        hosts: [shop.example.com]
        tls: {mode: SIMPLE, credentialName: shop}
      - port: {number: %1$d, name: bank, protocol: HTTPS}
        hosts: [bank.example.com]
        tls: {mode: MUTUAL, credentialName: bank}
      - port: {number: %1$d, name: missing, protocol: HTTPS}
        hosts: [missing.example.com]
        tls: {mode: SIMPLE, credentialName: missing}
      - port: {number: %1$d, name: others, protocol: HTTPS}
        hosts: ["*.example.com"]
        tls: {mode: SIMPLE, credentialName: shop}
      - port: {number: %1$d, name: through, protocol: TLS}
        hosts: [through.example.com]
        tls: {mode: PASSTHROUGH}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: web, namespace: shop}
    spec:
      hosts: ["*.example.com"]
      gateways: [edge]
      http: [{route: [{destination: {host: web, port: {number: 80}}}]}]
      tls:
      - match: [{sniHosts: [through.example.com]}]
        route: [{destination: {host: web, port: {number: 443}}}]
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: web, namespace: shop}
    spec:
      selector: {app: web}
      ports: [{name: http, port: 80, targetPort: %3$d}, {name: https, port: 443, targetPort: %4$d}]
    ---
    """
        .formatted(secure, plain, web.address().port(), ownTls);
  }

  private void apply(String... secrets) {
    ValidatedMesh mesh = MeshText.valid(mesh() + String.join("\n---\n", secrets));
    WorkloadInstance instance =
        new WorkloadInstance(
            "web-0",
            "shop",
            "web",
            "web",
            Map.of("app", "web"),
            "127.0.0.1",
            Map.of(),
            Locality.NONE,
            true,
            false);
    ProxyNode node =
        new ProxyNode(
            "gateway~edge-0",
            ProxyNode.Role.GATEWAY,
            "istio-system",
            "edge",
            "edge-0",
            "edge",
            Map.of("istio", "edge"),
            new ProxyNode.Capture.Edge(PROXY));
    assertThat(
            plane.accept(
                MeshTranslation.of(mesh, new MeshInventory(List.of(instance), Map.of(), ""))
                    .snapshotFor(node)))
        .isEmpty();
  }

  private void applyBoth() {
    apply(secret("shop", shop, NONE), secret("bank", bank, authority.rootPem()));
  }

  /** A connection that verified its server by name. */
  private final class Tls implements AutoCloseable {
    private final SSLSocket socket;
    private final BufferedReader in;
    private final String host;

    Tls(String host, Optional<IdentityMaterial> client) throws Exception {
      this(host, client, true);
    }

    Tls(String host, Optional<IdentityMaterial> client, boolean byName) throws Exception {
      this.host = host;
      Socket raw = new Socket();
      raw.connect(new InetSocketAddress(PROXY, secure), PATIENCE_MILLIS);
      raw.setSoTimeout(PATIENCE_MILLIS);
      socket = (SSLSocket) context(client).getSocketFactory().createSocket(raw, host, secure, true);
      SSLParameters parameters = socket.getSSLParameters();
      if (byName) {
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
      }
      parameters.setApplicationProtocols(new String[] {"http/1.1"});
      socket.setSSLParameters(parameters);
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      open(this);
    }

    /** The status line's number; the answer's body is left out by HEAD. */
    int head(String path) throws IOException {
      return head(path, host);
    }

    int head(String path, String authority) throws IOException {
      socket
          .getOutputStream()
          .write(
              ("HEAD " + path + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      String status = in.readLine();
      if (status == null) {
        throw new IOException("closed without an answer");
      }
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        // Headers say nothing here.
      }
      return Integer.parseInt(status.split(" ")[1]);
    }

    X509Certificate server() throws IOException {
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private SSLContext context(Optional<IdentityMaterial> own)
      throws GeneralSecurityException, IOException {
    KeyStore roots = KeyStore.getInstance("PKCS12");
    roots.load(null, null);
    roots.setCertificateEntry("root", shop.trustBundle().getFirst());
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(roots);
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, null);
    if (own.isPresent()) {
      keys.setKeyEntry(
          "own", own.get().key(), new char[0], own.get().chain().toArray(X509Certificate[]::new));
    }
    KeyManagerFactory identity = KeyManagerFactory.getInstance("PKIX");
    identity.init(keys, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(identity.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  @Test
  void the_server_name_chooses_the_certificate() throws Exception {
    applyBoth();

    Tls atShop = new Tls("shop.example.com", Optional.empty());
    assertThat(atShop.head("/")).isEqualTo(200);
    assertThat(atShop.server()).isEqualTo(shop.chain().getFirst());

    Tls atBank = new Tls("bank.example.com", Optional.of(authority.issue("client")));
    assertThat(atBank.head("/")).isEqualTo(200);
    assertThat(atBank.server()).isEqualTo(bank.chain().getFirst());
  }

  @Test
  void mutual_tls_refuses_who_has_no_certificate_or_one_of_somebody_else() throws Exception {
    applyBoth();

    assertThatThrownBy(() -> new Tls("bank.example.com", Optional.empty()).head("/"))
        .isInstanceOf(IOException.class);
    IdentityMaterial stranger = new TestAuthority().issue("stranger");
    assertThatThrownBy(() -> new Tls("bank.example.com", Optional.of(stranger)).head("/"))
        .isInstanceOf(IOException.class);
    assertThat(new Tls("shop.example.com", Optional.empty()).head("/")).isEqualTo(200);
  }

  @Test
  void no_other_host_leads_around_mutual_tls() throws Exception {
    applyBoth();

    Tls atShop = new Tls("shop.example.com", Optional.empty());
    assertThat(atShop.head("/", "bank.example.com")).isEqualTo(404);
    Tls atAny = new Tls("any.example.com", Optional.empty(), false);
    assertThat(atAny.head("/")).isEqualTo(200);
    assertThat(atAny.head("/", "bank.example.com")).isEqualTo(421);
    assertThat(atAny.head("/", "bank.example.com:" + secure)).isEqualTo(421);
    assertThat(new Tls("bank.example.com", Optional.of(authority.issue("client"))).head("/"))
        .isEqualTo(200);
  }

  @Test
  void who_asks_for_a_name_without_certificate_is_closed() throws Exception {
    applyBoth();

    assertThatThrownBy(() -> new Tls("missing.example.com", Optional.empty()).head("/"))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> new Tls("nobody.example.org", Optional.empty()).head("/"))
        .isInstanceOf(IOException.class);
  }

  @Test
  void tls_that_passes_through_ends_at_the_upstream() throws Exception {
    applyBoth();

    Tls through = new Tls("through.example.com", Optional.empty());
    assertThat(through.head("/")).isEqualTo(200);
    assertThat(through.server().getSubjectX500Principal().getName())
        .isEqualTo("CN=through.example.com");
  }

  @Test
  void a_request_without_tls_is_sent_to_come_with_it() throws Exception {
    applyBoth();
    try (Socket socket = new Socket(PROXY, plain)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket
          .getOutputStream()
          .write(
              "GET /cart?a=b HTTP/1.1\r\nHost: shop.example.com\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      assertThat(in.readLine()).contains(" 301 ");
      assertThat(in.lines().takeWhile(line -> !line.isEmpty()))
          .contains("location: https://shop.example.com/cart?a=b");
    }
  }

  @Test
  void a_new_certificate_is_shown_to_new_clients_and_ends_no_connection() throws Exception {
    applyBoth();
    Tls before = new Tls("shop.example.com", Optional.empty());
    assertThat(before.head("/")).isEqualTo(200);

    IdentityMaterial renewed = authority.issueFor("shop.example.com");
    apply(secret("shop", renewed, NONE), secret("bank", bank, authority.rootPem()));

    Tls after = new Tls("shop.example.com", Optional.empty());
    assertThat(after.head("/")).isEqualTo(200);
    assertThat(after.server()).isEqualTo(renewed.chain().getFirst());
    assertThat(before.head("/")).isEqualTo(200);
    assertThat(before.server()).isEqualTo(shop.chain().getFirst());
  }

  private String gatewayApi(String expectedName) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: GatewayClass
    metadata: {name: meshctl}
    spec: {controllerName: meshctl.dev/gateway-controller}
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: edge, namespace: istio-system}
    spec:
      gatewayClassName: meshctl
      listeners:
      - name: https
        port: %d
        protocol: HTTPS
        hostname: shop.example.com
        tls: {certificateRefs: [{name: shop}]}
        allowedRoutes: {namespaces: {from: All}}
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: web, namespace: shop}
    spec:
      parentRefs: [{name: edge, namespace: istio-system}]
      rules: [{backendRefs: [{name: web, port: 443}]}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: BackendTLSPolicy
    metadata: {name: web, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: web, sectionName: https}]
      validation:
        caCertificateRefs: [{group: "", kind: ConfigMap, name: roots}]
        hostname: %s
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: roots, namespace: shop}
    data:
      ca.crt: |
    %s
    """
        .formatted(gatewayApiPort, expectedName, authority.rootPem().indent(4));
  }

  @Test
  void a_backend_is_spoken_to_in_tls_where_a_policy_says_so_and_is_who_it_should_be()
      throws Exception {
    gatewayApiPort = freePort();
    int istio = secure;
    apply(secret("shop", shop, NONE), gatewayApi("through.example.com"));
    secure = gatewayApiPort;
    Tls client = new Tls("shop.example.com", Optional.empty());
    assertThat(client.server()).isEqualTo(shop.chain().getFirst());
    assertThat(client.head("/")).isEqualTo(200);

    secure = istio;
    apply(secret("shop", shop, NONE), gatewayApi("somebody-else.example.com"));
    secure = gatewayApiPort;
    assertThat(new Tls("shop.example.com", Optional.empty()).head("/")).isEqualTo(503);
  }

  @Test
  void a_secret_that_comes_later_opens_its_hosts() throws Exception {
    apply(secret("bank", bank, authority.rootPem()));
    assertThatThrownBy(() -> new Tls("shop.example.com", Optional.empty()).head("/"))
        .isInstanceOf(IOException.class);

    applyBoth();
    assertThat(new Tls("shop.example.com", Optional.empty()).head("/")).isEqualTo(200);
  }
}
