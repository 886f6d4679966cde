package dev.meshctl.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.identity.CertificateAuthority.Answer;
import dev.meshctl.net.tls.IdentityMaterial;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateAuthorityTest {
  private static final SpiffeId REVIEWS = new SpiffeId("cluster.local", "default", "reviews");
  private static final SpiffeId RATINGS = new SpiffeId("cluster.local", "default", "ratings");
  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

  @TempDir Path folder;
  private final SettableClock clock = new SettableClock(NOW);
  private final SecureRandom random = new SecureRandom();

  private CertificateAuthority open() throws IdentityException {
    return CertificateAuthority.open(
        new CertificateAuthority.Settings(
            "cluster.local", folder.resolve("state"), Duration.ofHours(1)),
        clock,
        random);
  }

  private List<X509Certificate> issue(CertificateAuthority ca, SpiffeId id, Duration validity)
      throws Exception {
    Answer answer = ca.sign(CertificateRequest.create(id, random).csrPem(), id, validity);
    assertThat(answer).isInstanceOf(Answer.Issued.class);
    return ((Answer.Issued) answer).chain();
  }

  @Test
  void a_certificate_says_only_its_spiffe_id() throws Exception {
    X509Certificate leaf = issue(open(), REVIEWS, Duration.ZERO).getFirst();

    assertThat(leaf.getSubjectX500Principal().getName()).isEmpty();
    assertThat(leaf.getSubjectAlternativeNames())
        .containsExactly(List.of(6, "spiffe://cluster.local/ns/default/sa/reviews"));
    assertThat(leaf.getCriticalExtensionOIDs()).contains("2.5.29.17");
    assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
    assertThat(leaf.getPublicKey().getAlgorithm()).isEqualTo("EC");
    assertThat(leaf.getSigAlgName()).isEqualTo("SHA256withECDSA");
  }

  @Test
  void each_link_of_the_chain_signs_the_one_before() throws Exception {
    List<X509Certificate> chain = issue(open(), REVIEWS, Duration.ZERO);

    assertThat(chain).hasSize(3);
    chain.get(0).verify(chain.get(1).getPublicKey());
    chain.get(1).verify(chain.get(2).getPublicKey());
    chain.get(2).verify(chain.get(2).getPublicKey());
    assertThat(chain.get(1).getBasicConstraints()).isZero();
    assertThat(chain.get(2).getBasicConstraints()).isEqualTo(1);
  }

  @Test
  void a_certificate_lives_as_long_as_asked_but_no_longer_than_the_setting() throws Exception {
    CertificateAuthority ca = open();

    assertThat(issue(ca, REVIEWS, Duration.ofMinutes(5)).getFirst().getNotAfter().toInstant())
        .isEqualTo(NOW.plus(Duration.ofMinutes(5)));
    assertThat(issue(ca, REVIEWS, Duration.ofDays(30)).getFirst().getNotAfter().toInstant())
        .isEqualTo(NOW.plus(Duration.ofHours(1)));
  }

  @Test
  void serial_numbers_do_not_repeat() throws Exception {
    CertificateAuthority ca = open();
    Set<Object> serials = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      serials.add(issue(ca, REVIEWS, Duration.ZERO).getFirst().getSerialNumber());
    }
    assertThat(serials).hasSize(20);
  }

  @Test
  void a_request_for_another_identity_is_refused() throws Exception {
    String csr = CertificateRequest.create(RATINGS, random).csrPem();

    Answer answer = open().sign(csr, REVIEWS, Duration.ZERO);

    assertThat(answer)
        .isEqualTo(
            new Answer.Refused(
                "the CSR asks for spiffe://cluster.local/ns/default/sa/ratings, but the caller is"
                    + " spiffe://cluster.local/ns/default/sa/reviews: a workload may ask only for"
                    + " its own identity"));
  }

  @Test
  void a_caller_of_another_trust_domain_is_refused() throws Exception {
    SpiffeId foreign = new SpiffeId("elsewhere", "default", "reviews");

    Answer answer =
        open().sign(CertificateRequest.create(foreign, random).csrPem(), foreign, Duration.ZERO);

    assertThat(answer).isInstanceOf(Answer.Refused.class);
  }

  @Test
  void a_request_changed_after_it_was_signed_is_refused() throws Exception {
    byte[] der =
        Pem.decode("CERTIFICATE REQUEST", CertificateRequest.create(REVIEWS, random).csrPem());
    String text = new String(der, java.nio.charset.StandardCharsets.ISO_8859_1);
    int at = text.indexOf("reviews");
    der[at] = 'R';

    Answer answer = open().sign(Pem.encode("CERTIFICATE REQUEST", der), REVIEWS, Duration.ZERO);

    assertThat(answer).isEqualTo(new Answer.Refused("the CSR is not signed by its own key"));
  }

  @Test
  void what_is_no_request_is_refused() throws Exception {
    CertificateAuthority ca = open();
    for (String text :
        List.of("", "hello", Pem.encode("CERTIFICATE REQUEST", new byte[] {0x30, 0x03, 1, 2, 3}))) {
      assertThat(ca.sign(text, REVIEWS, Duration.ZERO)).isInstanceOf(Answer.Refused.class);
    }
  }

  @Test
  void a_restart_keeps_the_root_so_that_issued_certificates_still_verify() throws Exception {
    List<X509Certificate> before = issue(open(), REVIEWS, Duration.ZERO);

    CertificateAuthority restarted = open();

    assertThat(restarted.trustBundle()).containsExactly(before.getLast());
    before.get(1).verify(restarted.trustBundle().getFirst().getPublicKey());
  }

  @Test
  void the_root_key_is_readable_by_its_owner_only_and_the_issuing_key_is_nowhere()
      throws Exception {
    open();

    Path state = folder.resolve("state");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
        .isEqualTo("rwx------");
    try (var files = Files.list(state)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("root-key.pem", "root-cert.pem");
    }
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(state.resolve("root-key.pem"))))
        .isEqualTo("rw-------");
  }

  @Test
  void a_root_key_that_others_may_read_is_not_used() throws Exception {
    open();
    Path key = folder.resolve("state").resolve("root-key.pem");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));

    assertThatThrownBy(this::open)
        .isInstanceOf(IdentityException.class)
        .hasMessageContaining(key.toString())
        .hasMessageContaining("rw-r--r--")
        .hasMessageContaining("chmod 600");
  }

  @Test
  void a_root_key_of_another_certificate_is_not_used() throws Exception {
    open();
    Path certificate = folder.resolve("state").resolve("root-cert.pem");
    Path other = folder.resolve("other");
    CertificateAuthority.open(
        new CertificateAuthority.Settings("cluster.local", other, Duration.ofHours(1)),
        clock,
        random);
    Files.copy(
        other.resolve("root-cert.pem"),
        certificate,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);

    assertThatThrownBy(this::open).hasMessageContaining("the key is not that of the certificate");
  }

  @Test
  void an_expired_root_is_not_used() throws Exception {
    open();
    clock.advance(Duration.ofDays(3651));

    assertThatThrownBy(this::open).isInstanceOf(IdentityException.class);
  }

  @Test
  void a_server_certificate_names_the_addresses_it_serves_at() throws Exception {
    IdentityMaterial server =
        open()
            .serverIdentity(
                new SpiffeId("cluster.local", "istio-system", "istiod"),
                List.of("localhost"),
                List.of("127.77.0.1"));

    assertThat(server.chain()).hasSize(2);
    assertThat(server.chain().getFirst().getSubjectAlternativeNames())
        .contains(List.of(7, "127.77.0.1"), List.of(2, "localhost"));
  }
}
