package dev.meshctl.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.meshctl.identity.TrustFolder.Phase;
import dev.meshctl.identity.TrustFolder.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustFolderTest {
  private static final SpiffeId CART = new SpiffeId("cluster.local", "shop", "cart");

  @TempDir private Path folder;
  private final SecureRandom random = new SecureRandom();
  private final SettableClock clock = new SettableClock(Instant.parse("2026-01-01T00:00:00Z"));
  private TrustFolder trust;

  @BeforeEach
  void open() throws Exception {
    authority();
    trust = new TrustFolder(folder, random);
  }

  /** As a control plane that starts now has it. */
  private CertificateAuthority authority() throws Exception {
    return CertificateAuthority.open(
        new CertificateAuthority.Settings("cluster.local", folder, Duration.ofHours(1)),
        clock,
        random);
  }

  private X509Certificate rootOfNew() throws Exception {
    List<X509Certificate> chain =
        ((CertificateAuthority.Answer.Issued)
                authority()
                    .sign(CertificateRequest.create(CART, random).csrPem(), CART, Duration.ZERO))
            .chain();
    chain.get(chain.size() - 2).verify(chain.getLast().getPublicKey());
    assertThat(chain).as("leaf, issuing authority, its root").hasSize(3);
    return chain.getLast();
  }

  private State begin() throws Exception {
    return trust.begin("cluster.local", clock.instant());
  }

  @Test
  void a_root_is_trusted_before_it_signs_and_signs_before_the_other_goes() throws Exception {
    X509Certificate old = trust.state().signing();
    assertThat(trust.state().phase()).isEqualTo(Phase.STEADY);

    State spreading = begin();
    assertThat(spreading.phase()).isEqualTo(Phase.SPREADING);
    assertThat(spreading.trusted()).hasSize(2).contains(old);
    assertThat(rootOfNew()).as("the old one signs").isEqualTo(old);
    assertThat(authority().trustBundle()).containsExactlyElementsOf(spreading.trusted());

    State renewing = trust.swap();
    assertThat(renewing.phase()).isEqualTo(Phase.RENEWING);
    assertThat(rootOfNew()).isEqualTo(renewing.signing()).isNotEqualTo(old);
    assertThat(authority().trustBundle())
        .as("who signs is first, which tells proxies to renew")
        .containsExactly(renewing.signing(), old);

    State done = trust.finish();
    assertThat(done.phase()).isEqualTo(Phase.STEADY);
    assertThat(authority().trustBundle()).containsExactly(renewing.signing());
    assertThat(rootOfNew()).isEqualTo(renewing.signing());
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .as("the old key is gone")
          .containsExactlyInAnyOrder("root-key.pem", "root-cert.pem");
    }
  }

  @Test
  void before_the_new_one_signs_undo_is_at_once() throws Exception {
    X509Certificate old = trust.state().signing();
    begin();

    State undone = trust.undo();
    assertThat(undone.phase()).isEqualTo(Phase.STEADY);
    assertThat(undone.trusted()).containsExactly(old);
    assertThat(rootOfNew()).isEqualTo(old);
  }

  @Test
  void once_the_new_one_signs_undo_renews_back_before_it_drops_it() throws Exception {
    X509Certificate old = trust.state().signing();
    begin();
    trust.swap();

    State back = trust.undo();
    assertThat(back.phase()).isEqualTo(Phase.RENEWING);
    assertThat(back.signing()).isEqualTo(old);
    assertThat(back.trusted()).hasSize(2);
    assertThat(trust.finish().trusted()).containsExactly(old);
  }

  @Test
  void a_step_that_was_cut_short_is_done_again() throws Exception {
    begin();
    Files.copy(folder.resolve("root-key.pem"), folder.resolve("previous-root-key.pem"));
    assertThat(trust.state().phase()).as("cut in swap").isEqualTo(Phase.SPREADING);
    State renewing = trust.swap();

    String both = Files.readString(folder.resolve("root-cert.pem"));
    String previous = Files.readString(folder.resolve("previous-root-key.pem"));
    trust.finish();
    PrivateFiles.write(folder.resolve("previous-root-key.pem"), previous);
    assertThat(trust.state().phase()).as("cut in finish").isEqualTo(Phase.RENEWING);
    assertThat(trust.finish().trusted()).containsExactly(renewing.signing());
    assertThat(both).isNotEqualTo(Files.readString(folder.resolve("root-cert.pem")));
  }

  @Test
  void an_undo_that_was_cut_short_renews_back_too() throws Exception {
    X509Certificate old = trust.state().signing();
    begin();
    trust.swap();
    Files.copy(folder.resolve("previous-root-key.pem"), folder.resolve("next-root-key.pem"));

    State back = trust.undo();
    assertThat(back.phase()).isEqualTo(Phase.RENEWING);
    assertThat(back.signing()).isEqualTo(old);
    assertThat(back.trusted()).hasSize(2);
  }

  @Test
  void a_step_out_of_order_is_refused() throws Exception {
    assertThatExceptionOfType(IdentityException.class).isThrownBy(trust::swap);
    assertThatExceptionOfType(IdentityException.class).isThrownBy(trust::finish);
    assertThatExceptionOfType(IdentityException.class).isThrownBy(trust::undo);
    begin();
    assertThatExceptionOfType(IdentityException.class).isThrownBy(this::begin);
    assertThatExceptionOfType(IdentityException.class).isThrownBy(trust::finish);
  }
}
