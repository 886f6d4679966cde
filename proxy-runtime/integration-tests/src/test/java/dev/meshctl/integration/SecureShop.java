package dev.meshctl.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.testkit.TestIdentity;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** A bookshop's storefront by TLS: its Gateway, its Secret, and a client that verifies it. */
final class SecureShop {
  static final int PORT = 8443;

  private static final int PATIENCE_MILLIS = 10_000;

  private SecureShop() {}

  /** Opens the port, with the certificate of a Secret that {@link #write} makes. */
  static void open(BookshopMesh mesh) throws IOException {
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
  }

  static void write(BookshopMesh mesh, TestIdentity identity) throws IOException {
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

  static Certificate certificate(TestIdentity identity) throws Exception {
    return CertificateFactory.getInstance("X.509")
        .generateCertificate(
            new ByteArrayInputStream(
                identity.certificatePem().getBytes(StandardCharsets.US_ASCII)));
  }

  static SSLContext trusting(TestIdentity... identities) throws Exception {
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
  static Certificate get(SSLContext trusting, String address) throws IOException {
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
}
