package dev.meshctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cli.CommandLineFixture.Said;
import dev.meshctl.model.query.CertificatesView;
import dev.meshctl.model.query.CertificatesView.Certificate;
import dev.meshctl.model.query.CertificatesView.Holder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertListTest {
  private static final String ROOT = "OU=meshctl root 1f,O=cluster.local";

  @TempDir private Path secrets;
  @TempDir private Path state;
  private final Instant now = Instant.now();
  private CommandLineFixture cli;

  @BeforeEach
  void open() {
    cli = CommandLineFixture.in(state);
  }

  private Certificate of(String namespace, String proxy, String serial, Duration left) {
    Instant end = now.plus(left);
    return new Certificate(
        Holder.WORKLOAD,
        "spiffe://cluster.local/ns/" + namespace + "/sa/default",
        proxy,
        serial,
        end.minus(Duration.ofHours(24)).toEpochMilli(),
        end.toEpochMilli(),
        "OU=meshctl issuing,O=cluster.local",
        ROOT,
        true);
  }

  private Said list(Certificate one, Certificate other, String... words) throws Exception {
    try (FakeControlPlane plane = FakeControlPlane.start(secrets)) {
      cli.running("m", plane, secrets);
      plane.certificates(
          new CertificatesView(
              "cluster.local",
              0,
              0,
              List.of(
                  new CertificatesView.Root(
                      ROOT,
                      "1f",
                      "ab".repeat(32),
                      0,
                      now.plus(Duration.ofDays(1000)).toEpochMilli(),
                      true)),
              List.of(one, other)));
      return cli.run(words);
    }
  }

  @Test
  void certificates_and_roots_are_told_with_their_ends() throws Exception {
    Said said =
        list(
            of("shop", "sidecar~10.0.0.1~cart-0.shop~x", "abc", Duration.ofHours(20)),
            of("lab", "", "def", Duration.ofHours(15)),
            "cert",
            "list");

    assertThat(said.exitCode()).as(said.err()).isZero();
    assertThat(said.out().lines().toList().get(1)).contains(ROOT, "abababababab", "yes");
    assertThat(said.out().lines().toList().get(4))
        .as("what ends first is first")
        .contains("cluster.local/ns/lab/sa/default", "not connected", "def", "14 h");
    assertThat(said.out()).contains("cart-0.shop");
  }

  @Test
  void what_ends_soon_is_marked_and_fails() throws Exception {
    Said said =
        list(
            of("shop", "sidecar~10.0.0.1~cart-0.shop~x", "abc", Duration.ofHours(5)),
            of("lab", "", "def", Duration.ofHours(15)),
            "cert",
            "list");

    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.out()).contains("4 h (soon)");
  }

  @Test
  void one_namespace_can_be_asked_for() throws Exception {
    Said said =
        list(
            of("shop", "", "abc", Duration.ofHours(20)),
            of("lab", "", "def", Duration.ofHours(15)),
            "cert",
            "list",
            "-n",
            "shop",
            "-o",
            "json");

    assertThat(said.out()).contains("abc").doesNotContain("\"def\"");
  }
}
