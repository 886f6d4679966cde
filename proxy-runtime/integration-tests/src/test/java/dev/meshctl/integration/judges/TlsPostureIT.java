package dev.meshctl.integration.judges;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.testkit.Judges;
import dev.meshctl.model.testkit.TestIdentity;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code sslscan} can agree on with a TLS listener of ours; beside it, with Envoy's. */
class TlsPostureIT {
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
}
