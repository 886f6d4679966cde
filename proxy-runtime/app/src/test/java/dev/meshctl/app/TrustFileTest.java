package dev.meshctl.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.meshctl.identity.CertificateAuthority;
import dev.meshctl.identity.IdentityException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustFileTest {
  @TempDir private Path folder;

  private CertificateAuthority authority(String name) throws Exception {
    return CertificateAuthority.open(
        new CertificateAuthority.Settings(
            "cluster.local", folder.resolve(name), Duration.ofHours(1)),
        () -> Instant.parse("2026-01-01T00:00:00Z"),
        new SecureRandom());
  }

  @Test
  void the_roots_are_those_of_the_file_as_it_is_now() throws Exception {
    CertificateAuthority one = authority("one");
    CertificateAuthority other = authority("other");
    Path file = folder.resolve("roots.pem");
    Files.writeString(file, one.trustBundlePem());
    TrustFile trust = TrustFile.open(file);
    assertThat(trust.roots()).isEqualTo(one.trustBundle());

    Files.writeString(file, one.trustBundlePem() + other.trustBundlePem());
    assertThat(trust.roots()).containsAll(one.trustBundle()).containsAll(other.trustBundle());
  }

  @Test
  void a_file_that_cannot_be_used_leaves_the_last_good_roots_in_force() throws Exception {
    CertificateAuthority one = authority("one");
    Path file = folder.resolve("roots.pem");
    Files.writeString(file, one.trustBundlePem());
    TrustFile trust = TrustFile.open(file);

    Files.writeString(file, "-----BEGIN CERTIFICATE-----\nnone\n");
    assertThat(trust.roots()).isEqualTo(one.trustBundle());
    Files.delete(file);
    assertThat(trust.roots()).isEqualTo(one.trustBundle());
    assertThatExceptionOfType(IdentityException.class).isThrownBy(() -> TrustFile.open(file));
  }
}
