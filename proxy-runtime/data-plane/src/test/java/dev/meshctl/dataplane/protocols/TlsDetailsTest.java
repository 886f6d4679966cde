package dev.meshctl.dataplane.protocols;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.assignment;
import static dev.meshctl.dataplane.testing.Snapshots.cluster;
import static dev.meshctl.dataplane.testing.Snapshots.encrypted;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.dataplane.DataPlane;
import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.dataplane.testing.TestAuthority;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.DownstreamTls;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.TlsParameters;
import dev.meshctl.model.xds.TlsParameters.Version;
import dev.meshctl.model.xds.UpstreamTls;
import dev.meshctl.net.tls.TlsContexts;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.assertj.core.api.Assumptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Versions, ciphers, groups and sessions of TLS, and servers that nobody verifies. */
@Timeout(60)
class TlsDetailsTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  private static final TlsParameters ONLY_1_2 =
      new TlsParameters(Version.TLS_1_2, Version.TLS_1_2, List.of(), List.of());
  private static final TlsParameters ONLY_1_3 =
      new TlsParameters(Version.TLS_1_3, Version.TLS_1_3, List.of(), List.of());

  private final Backend backend = new Backend("b");
  private final DataPlane front = DataPlane.start(settings("front", 1), Optional.empty());
  private final DataPlane server =
      DataPlane.start(settings("server", 1), Optional.of(new TestAuthority().issue("server")));
  private final SSLContext client = trusting();

  @AfterEach
  void stop() {
    front.close();
    server.close();
    backend.close();
  }

  private static SSLContext trusting() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private InetSocketAddress serve(TlsParameters parameters, boolean resumes) {
    DownstreamTls tls =
        new DownstreamTls(
            "default", "", false, List.of(), List.of(), parameters, !resumes, !resumes);
    assertThat(
            server.accept(
                Snapshots.of(
                    listener("in", Direction.OUTBOUND, ANY_PORT, encrypted(tls, http("in"))),
                    routes("in", route(RouteAction.Forward.to("b"))),
                    cluster("b", backend.address()))))
        .isEmpty();
    return Objects.requireNonNull(server.listenAddresses().get("in"));
  }

  /** The session of one request. */
  private SSLSession ask(InetSocketAddress at, Consumer<SSLParameters> change) throws IOException {
    try (SSLSocket socket =
        (SSLSocket) client.getSocketFactory().createSocket(at.getAddress(), at.getPort())) {
      socket.setSoTimeout(10_000);
      SSLParameters parameters = socket.getSSLParameters();
      change.accept(parameters);
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      socket.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 200");
      return socket.getSession();
    }
  }

  @Test
  void clients_get_the_versions_and_ciphers_of_the_listener() throws Exception {
    String cipher = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
    SSLSession session =
        ask(
            serve(
                new TlsParameters(Version.TLS_1_2, Version.TLS_1_2, List.of(cipher), List.of()),
                true),
            any -> {});
    assertThat(session.getProtocol()).isEqualTo("TLSv1.2");
    assertThat(session.getCipherSuite()).isEqualTo(cipher);

    InetSocketAddress modern = serve(ONLY_1_3, true);
    assertThat(ask(modern, any -> {}).getProtocol()).isEqualTo("TLSv1.3");
    assertThatThrownBy(() -> ask(modern, each -> each.setProtocols(new String[] {"TLSv1.2"})))
        .isInstanceOf(SSLException.class);
  }

  @Test
  void clients_get_the_groups_of_the_listener() throws Exception {
    Assumptions.assumeThat(TlsContexts.provider()).isEqualTo(SslProvider.OPENSSL);
    InetSocketAddress at =
        serve(
            new TlsParameters(Version.TLS_1_2, Version.TLS_1_3, List.of(), List.of("P-384")), true);
    assertThat(ask(at, each -> each.setNamedGroups(new String[] {"secp384r1"})).isValid()).isTrue();
    assertThatThrownBy(() -> ask(at, each -> each.setNamedGroups(new String[] {"x25519"})))
        .isInstanceOf(SSLException.class);
  }

  @Test
  void sessions_are_resumed_unless_the_listener_says_no() throws Exception {
    InetSocketAddress at = serve(ONLY_1_2, true);
    assertThat(ask(at, any -> {}).getId()).isEqualTo(ask(at, any -> {}).getId());
    at = serve(ONLY_1_2, false);
    assertThat(ask(at, any -> {}).getId()).isNotEqualTo(ask(at, any -> {}).getId());
  }

  private String through(UpstreamTls tls, InetSocketAddress to) throws IOException {
    assertThat(
            front.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
                    routes("out", route(RouteAction.Forward.to("s"))),
                    cluster(
                        "s",
                        new Transport.Tls(tls),
                        UpstreamProtocol.HTTP1,
                        assignment("s", false, new SocketEndpoint("127.0.0.1", to.getPort()))))))
        .isEmpty();
    InetSocketAddress at = Objects.requireNonNull(front.listenAddresses().get("out"));
    try (Socket socket = new Socket(at.getAddress(), at.getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  private static UpstreamTls upstream(TlsParameters parameters, boolean unverified) {
    return new UpstreamTls("", "", "", List.of(), List.of(), parameters, unverified);
  }

  @Test
  void a_server_may_be_anybody_where_nothing_says_whom_to_trust() throws Exception {
    InetSocketAddress to = serve(TlsParameters.DEFAULT, true);
    assertThat(through(upstream(TlsParameters.DEFAULT, true), to)).startsWith("HTTP/1.1 200");
    assertThat(through(upstream(TlsParameters.DEFAULT, false), to)).startsWith("HTTP/1.1 503");
  }

  @Test
  void servers_get_the_versions_of_the_cluster() throws Exception {
    InetSocketAddress to = serve(ONLY_1_3, true);
    assertThat(through(upstream(ONLY_1_3, true), to)).startsWith("HTTP/1.1 200");
    assertThat(through(upstream(ONLY_1_2, true), to)).startsWith("HTTP/1.1 503");
  }
}
