package dev.meshctl.integration.judges;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.identity.CertificateAuthority;
import dev.meshctl.identity.CurrentIdentity;
import dev.meshctl.identity.GrpcTls;
import dev.meshctl.identity.GrpcTransport;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.model.testkit.Judges;
import dev.meshctl.model.testkit.TestIdentity;
import dev.meshctl.net.loop.Loops;
import io.grpc.Server;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code sslscan}, {@code testssl.sh} and {@code openssl} find at TLS listeners of ours: an
 * edge, a sidecar that wants a certificate, the control plane; beside the edge, at Envoy's.
 */
class TlsPostureIT {
  /** What the judge says of any certificate that no public authority issued, and why we let it. */
  private static final Map<String, String> OF_THE_CERTIFICATE =
      Map.of(
          "cert_chain_of_trust", "made by the test or by the mesh's own authority",
          "cert_trust", "the judge asks by address, the certificate names a workload",
          "cert_revocation", "lives for an hour: no list of revocations, no responder",
          "cert_expirationStatus", "lives for an hour, and is renewed before",
          "cert_notAfter", "the same");

  @Test
  void only_modern_tls_with_forward_secrecy_is_spoken(@TempDir Path folder) throws Exception {
    Path sslscan = Judges.onPath("sslscan", "sslscan (Debian's package of that name)");
    TestIdentity.create(folder).write(folder);
    String bootstrap = Bootstraps.tls(1, folder);
    JudgeRun ours;
    try (ProxyProcess proxy = ProxyProcess.ours(folder, "tls", bootstrap)) {
      ours = scan("sslscan", sslscan, proxy);
    }
    try (ProxyProcess envoy = ProxyProcess.envoy(folder, "tls", bootstrap)) {
      scan("sslscan-envoy", sslscan, envoy);
    }

    for (String old : List.of("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1")) {
      assertThat(ours.output()).containsPattern(old.replace(".", "\\.") + "\\s+disabled");
    }
    assertThat(ours.output())
        .containsPattern("TLSv1\\.3\\s+enabled")
        .contains("Session renegotiation not supported")
        .doesNotContain("Compression enabled");
    assertThat(ours.output().lines().filter(line -> line.matches("(Preferred|Accepted) .*")))
        .isNotEmpty()
        .allMatch(line -> line.matches(".*(TLSv1\\.3 .*TLS_|TLSv1\\.2 .*ECDHE-).*"))
        .allMatch(line -> line.matches(".*(GCM|CHACHA20).*"));
    assertThat(ours.output()).doesNotContain("heartbleed: vulnerable");
  }

  private static JudgeRun scan(String name, Path sslscan, ProxyProcess proxy) throws Exception {
    return JudgeRun.of(
        name, List.of(sslscan.toString(), "--no-colour", "127.0.0.1:" + proxy.port()));
  }

  @Test
  void testssl_finds_nothing_at_an_edge(@TempDir Path folder) throws Exception {
    TestIdentity.create(folder).write(folder);
    try (ProxyProcess proxy = ProxyProcess.ours(folder, "edge", Bootstraps.tls(1, folder))) {
      expectNothing(Testssl.scan("testssl-edge", proxy.port()));
    }
  }

  @Test
  void testssl_finds_nothing_at_a_sidecar_that_wants_a_certificate(@TempDir Path folder)
      throws Exception {
    TestIdentity.create(folder).write(folder);
    try (ProxyProcess proxy = ProxyProcess.ours(folder, "inner", Bootstraps.inner(1, folder))) {
      expectNothing(Testssl.scan("testssl-sidecar", proxy.port()));
    }
  }

  @Test
  void testssl_finds_nothing_at_the_control_plane(@TempDir Path folder) throws Exception {
    CertificateAuthority authority =
        CertificateAuthority.open(
            new CertificateAuthority.Settings("cluster.local", folder, Duration.ofHours(1)),
            InstantSource.system(),
            new SecureRandom());
    CurrentIdentity identity = new CurrentIdentity();
    identity.publish(
        authority.serverIdentity(
            new SpiffeId("cluster.local", "istio-system", "istiod"),
            List.of(),
            List.of("127.0.0.1")));
    try (Loops loops = Loops.start(1, "grpc");
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Server server =
          GrpcTransport.server(
                  new InetSocketAddress("127.0.0.1", 0),
                  GrpcTls.server(identity, authority.trustBundle()),
                  loops,
                  threads)
              .build()
              .start();
      try {
        expectNothing(
            Testssl.scan("testssl-controlplane", server.getPort()).stream()
                .filter(finding -> !isUnheard(finding))
                .toList());
      } finally {
        server.shutdownNow().awaitTermination();
      }
    }
  }

  /**
   * gRPC ends a connection at once on which HTTP/2 was not agreed on; the judge looks for
   * resumption without offering any protocol, and calls it a connect problem where the end is
   * faster than its look. That says nothing of the server.
   */
  private static boolean isUnheard(Testssl.Finding finding) {
    return finding.id().startsWith("sessionresumption_")
        && finding.text().equals("check failed because of connect problem");
  }

  private static void expectNothing(List<Testssl.Finding> found) {
    assertThat(found).anyMatch(each -> each.id().equals("TLS1_3") && each.harmless());
    assertThat(found)
        .filteredOn(each -> !each.harmless() && !OF_THE_CERTIFICATE.containsKey(each.id()))
        .isEmpty();
  }

  @Test
  void a_ticket_is_good_for_the_process_that_gave_it_and_for_no_other(@TempDir Path folder)
      throws Exception {
    Path openssl = Judges.onPath("openssl", "openssl (Debian's package of that name)");
    TestIdentity.create(folder).write(folder);
    String bootstrap = Bootstraps.tls(1, folder);
    String ticket = folder.resolve("ticket.pem").toString();
    try (ProxyProcess proxy = ProxyProcess.ours(folder, "first", bootstrap)) {
      assertThat(handshake(openssl, proxy, "-sess_out", ticket)).startsWith("New");
      assertThat(handshake(openssl, proxy, "-sess_in", ticket)).startsWith("Reused");
    }
    try (ProxyProcess another = ProxyProcess.ours(folder, "second", bootstrap)) {
      assertThat(handshake(openssl, another, "-sess_in", ticket)).startsWith("New");
    }
  }

  /** A handshake of TLS 1.2, where the ticket is part of it: how the judge calls the session. */
  private static String handshake(Path openssl, ProxyProcess proxy, String option, String file)
      throws Exception {
    JudgeRun run =
        JudgeRun.of(
            "openssl",
            List.of(
                "sh",
                "-c",
                "echo | exec \"$@\"",
                "sh",
                openssl.toString(),
                "s_client",
                "-tls1_2",
                "-connect",
                "127.0.0.1:" + proxy.port(),
                option,
                file));
    return run.output()
        .lines()
        .filter(line -> line.startsWith("New, ") || line.startsWith("Reused, "))
        .findFirst()
        .orElse(run.output());
  }
}
