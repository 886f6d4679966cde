package dev.meshctl.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.model.testkit.TestIdentity;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Secret beside the YAML of a mesh: from the folder over SDS to the gateway's handshake. */
class EdgeTlsIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int PORT = 8443;
  private static final int PATIENCE_MILLIS = 10_000;

  @TempDir Path scratch;

  @Test
  void a_certificate_is_served_renewed_under_requests_and_its_key_lies_nowhere() throws Exception {
    TestIdentity first = identity("first");
    TestIdentity second = identity("second");
    SSLContext trusting = trusting(first, second);
    try (BookshopMesh mesh = BookshopMesh.up(scratch)) {
      String address = URI.create(mesh.gateway()).getHost();
      write(mesh, first);
      Files.writeString(
          mesh.file("edge.yaml"),
          """
          apiVersion: networking.istio.io/v1
          kind: Gateway
          metadata: {name: edge, namespace: bookshop}
          spec:
            selector: {istio: ingressgateway}
            servers:
            - port: {number: %d, name: https, protocol: HTTPS}
              hosts: [shop.example.com]
              tls: {mode: SIMPLE, credentialName: shop}
          ---
          apiVersion: networking.istio.io/v1
          kind: VirtualService
          metadata: {name: edge, namespace: bookshop}
          spec:
            hosts: [shop.example.com]
            gateways: [edge]
            http: [{route: [{destination: {host: storefront, port: {number: 8080}}}]}]
          """
              .formatted(PORT));
      await()
          .atMost(SOON)
          .ignoreExceptions()
          .until(() -> get(trusting, address).equals(certificate(first)));

      write(mesh, second);
      // Not ignoring exceptions: no handshake and no request may fail meanwhile.
      await().atMost(SOON).until(() -> get(trusting, address).equals(certificate(second)));

      assertThat(mesh.status().path("gatewayUrls").toString())
          .contains("https://" + address + ":" + PORT);
      assertThat(keysIn(mesh.cli().state(), first, second)).isEmpty();
    }
  }

  private TestIdentity identity(String name) throws Exception {
    return TestIdentity.create(Files.createDirectory(scratch.resolve(name)));
  }

  private static void write(BookshopMesh mesh, TestIdentity identity) throws IOException {
    Files.writeString(
        mesh.file("secret.yaml"),
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: shop, namespace: istio-system}
        type: kubernetes.io/tls
        stringData:
          tls.crt: |
        %s
          tls.key: |
        %s
        """
            .formatted(identity.certificatePem().indent(4), identity.keyPem().indent(4)));
  }

  private static Certificate certificate(TestIdentity identity) throws Exception {
    return CertificateFactory.getInstance("X.509")
        .generateCertificate(
            new ByteArrayInputStream(
                identity.certificatePem().getBytes(StandardCharsets.US_ASCII)));
  }

  private static SSLContext trusting(TestIdentity... identities) throws Exception {
    KeyStore roots = KeyStore.getInstance("PKCS12");
    roots.load(null, null);
    for (TestIdentity identity : identities) {
      roots.setCertificateEntry("root" + roots.size(), certificate(identity));
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(roots);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  /** A request that must be answered with 200; gives the certificate that was shown. */
  private static Certificate get(SSLContext trusting, String address) throws IOException {
    try (Socket raw = new Socket()) {
      raw.connect(new InetSocketAddress(address, PORT), PATIENCE_MILLIS);
      raw.setSoTimeout(PATIENCE_MILLIS);
      try (SSLSocket tls =
          (SSLSocket) trusting.getSocketFactory().createSocket(raw, address, PORT, true)) {
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName("shop.example.com")));
        tls.setSSLParameters(parameters);
        tls.getOutputStream()
            .write(
                "GET /books HTTP/1.1\r\nHost: shop.example.com\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(tls.getInputStream(), StandardCharsets.US_ASCII));
        assertThat(in.readLine()).contains(" 200 ");
        return tls.getSession().getPeerCertificates()[0];
      }
    }
  }

  /** Files of the mesh's own (not the folder of its user) that tell a key. */
  private static List<Path> keysIn(Path state, TestIdentity... identities) throws IOException {
    List<Path> telling = new ArrayList<>();
    try (Stream<Path> files = Files.walk(state)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        for (TestIdentity identity : identities) {
          if (text.contains(identity.keyPem().lines().skip(1).findFirst().orElseThrow())) {
            telling.add(file);
          }
        }
      }
    }
    return telling;
  }
}
