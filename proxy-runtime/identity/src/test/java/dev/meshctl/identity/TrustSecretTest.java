package dev.meshctl.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.identity.TrustFolder.Phase;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TrustSecretTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");

  private TrustSecret steady = new TrustSecret(Map.of());
  private X509Certificate old;

  @BeforeEach
  void aRoot() throws Exception {
    RootAuthority.Text root = RootAuthority.create("cluster.local", NOW, RANDOM);
    steady =
        new TrustSecret(Map.of("ca-key.pem", root.keyPem(), "ca-cert.pem", root.certificatePem()));
    old = steady.state(RANDOM).signing();
  }

  private TrustSecret spreading() throws Exception {
    return steady.begin("cluster.local", NOW, RANDOM);
  }

  /** What a control plane makes of it. */
  private static List<X509Certificate> trustedBy(TrustSecret secret) throws Exception {
    return CertificateAuthority.below(
            new RootAuthority.Text(
                String.valueOf(secret.data().get("ca-key.pem")),
                String.valueOf(secret.data().get("ca-cert.pem"))),
            "cluster.local",
            Duration.ofHours(1),
            InstantSource.fixed(NOW),
            RANDOM)
        .trustBundle();
  }

  @Test
  void the_new_root_is_trusted_then_signs_then_is_trusted_alone() throws Exception {
    TrustSecret spreading = spreading();
    assertThat(spreading.state(RANDOM).phase()).isEqualTo(Phase.SPREADING);
    assertThat(spreading.state(RANDOM).signing()).isEqualTo(old);
    assertThat(trustedBy(spreading)).hasSize(2).startsWith(old);

    TrustSecret renewing = spreading.swap(RANDOM);
    X509Certificate fresh = renewing.state(RANDOM).signing();
    assertThat(renewing.state(RANDOM).phase()).isEqualTo(Phase.RENEWING);
    assertThat(fresh).isNotEqualTo(old);
    assertThat(trustedBy(renewing))
        .as("who signs is first, which tells proxies to renew")
        .containsExactly(fresh, old);

    TrustSecret done = renewing.finish(RANDOM);
    assertThat(done.state(RANDOM).phase()).isEqualTo(Phase.STEADY);
    assertThat(trustedBy(done)).containsExactly(fresh);
    assertThat(done.data()).as("the old key is gone").containsOnlyKeys("ca-key.pem", "ca-cert.pem");
  }

  @Test
  void before_the_new_one_signs_undo_is_at_once() throws Exception {
    assertThat(spreading().undo(RANDOM)).isEqualTo(steady);
  }

  @Test
  void once_the_new_one_signs_undo_renews_back_before_it_drops_it() throws Exception {
    TrustSecret back = spreading().swap(RANDOM).undo(RANDOM);

    assertThat(back.state(RANDOM).phase()).isEqualTo(Phase.RENEWING);
    assertThat(back.state(RANDOM).signing()).isEqualTo(old);
    assertThat(back.state(RANDOM).trusted()).hasSize(2);
    assertThat(back.finish(RANDOM)).isEqualTo(steady);
  }

  @Test
  void a_step_out_of_turn_is_refused_and_no_key_is_printed() throws Exception {
    assertThatThrownBy(() -> steady.swap(RANDOM))
        .hasMessage("the roots of trust are STEADY (expected: [SPREADING])");
    assertThatThrownBy(() -> steady.undo(RANDOM)).isInstanceOf(IdentityException.class);
    assertThatThrownBy(() -> new TrustSecret(Map.of("ca-key.pem", "x")).state(RANDOM))
        .hasMessage("the roots of trust have no ca-cert.pem (expected: PEM)");
    assertThat(spreading().toString()).doesNotContain("PRIVATE KEY");
  }
}
