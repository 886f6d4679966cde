package dev.meshctl.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.meshctl.identity.CertificateLedger.Entry;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateLedgerTest {
  private static final SpiffeId REVIEWS = new SpiffeId("cluster.local", "shop", "reviews");
  private static final Duration LIFETIME = Duration.ofHours(1);

  @TempDir private Path folder;
  private final SettableClock clock = new SettableClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final SecureRandom random = new SecureRandom();
  private final CertificateLedger ledger = new CertificateLedger(3);
  private CertificateAuthority authority;

  @BeforeEach
  void open() throws Exception {
    authority =
        CertificateAuthority.open(
            new CertificateAuthority.Settings("cluster.local", folder, LIFETIME), clock, random);
  }

  /** Without the root, as its holder presents it. */
  private List<X509Certificate> chain() throws Exception {
    CertificateAuthority.Answer answer =
        authority.sign(CertificateRequest.create(REVIEWS, random).csrPem(), REVIEWS, Duration.ZERO);
    List<X509Certificate> whole = ((CertificateAuthority.Answer.Issued) answer).chain();
    return whole.subList(0, whole.size() - 1);
  }

  private List<Entry> inUse() {
    return ledger.inUse(clock.instant());
  }

  private static String serial(List<X509Certificate> chain) {
    return chain.getFirst().getSerialNumber().toString(16);
  }

  @Test
  void what_was_issued_is_in_use_until_it_ends() throws Exception {
    List<X509Certificate> chain = chain();
    ledger.issued(REVIEWS, chain, Optional.empty());

    Entry entry = inUse().getFirst();
    assertThat(entry.identity()).isEqualTo(REVIEWS);
    assertThat(entry.serial()).isEqualTo(serial(chain));
    assertThat(entry.proxy()).isEmpty();
    assertThat(entry.expires()).isEqualTo(chain.getFirst().getNotAfter().toInstant());
    assertThat(entry.root())
        .isEqualTo(authority.trustBundle().getFirst().getSubjectX500Principal().getName());

    clock.advance(LIFETIME);
    assertThat(inUse()).isEmpty();
  }

  @Test
  void a_renewed_one_takes_the_place_of_the_one_before_with_its_proxy() throws Exception {
    List<X509Certificate> first = chain();
    List<X509Certificate> second = chain();
    ledger.issued(REVIEWS, first, Optional.empty());
    ledger.presented("sidecar~1", REVIEWS, first);
    ledger.issued(REVIEWS, second, Optional.of(first.getFirst()));
    ledger.presented("sidecar~1", REVIEWS, first);

    assertThat(inUse())
        .as("the stream may have been opened with the old one")
        .extracting(Entry::serial, Entry::proxy)
        .containsExactly(tuple(serial(second), "sidecar~1"));
  }

  @Test
  void a_proxy_that_begins_anew_holds_its_new_one_only() throws Exception {
    List<X509Certificate> first = chain();
    List<X509Certificate> second = chain();
    ledger.issued(REVIEWS, first, Optional.empty());
    ledger.presented("sidecar~1", REVIEWS, first);
    ledger.issued(REVIEWS, second, Optional.empty());
    ledger.presented("sidecar~1", REVIEWS, second);

    assertThat(inUse())
        .extracting(Entry::serial, Entry::issuedHere)
        .containsExactly(tuple(serial(second), true));
  }

  @Test
  void of_what_another_replica_issued_its_holder_tells() throws Exception {
    List<X509Certificate> chain = chain();
    ledger.presented("sidecar~1", REVIEWS, chain);

    assertThat(inUse())
        .extracting(Entry::serial, Entry::proxy, Entry::issuedHere)
        .containsExactly(tuple(serial(chain), "sidecar~1", false));
  }

  @Test
  void one_that_says_which_proxy_it_is_holds_what_it_is_given_wherever_its_stream_is()
      throws Exception {
    List<X509Certificate> first = chain();
    List<X509Certificate> second = chain();
    List<X509Certificate> third = chain();
    ledger.issued(REVIEWS, second, Optional.of(first.getFirst()), "sidecar~1");
    assertThat(inUse())
        .extracting(Entry::serial, Entry::proxy)
        .containsExactly(tuple(serial(second), "sidecar~1"));

    ledger.issued(REVIEWS, third, Optional.of(second.getFirst()), "sidecar~1");
    ledger.presented("sidecar~1", REVIEWS, second);
    assertThat(inUse())
        .as("the stream may have been opened with the old one")
        .extracting(Entry::serial, Entry::proxy)
        .containsExactly(tuple(serial(third), "sidecar~1"));
  }

  @Test
  void more_than_fit_are_forgotten_and_counted_the_oldest_first() throws Exception {
    List<X509Certificate> first = chain();
    ledger.issued(REVIEWS, first, Optional.empty());
    for (int i = 0; i < 3; i++) {
      ledger.issued(REVIEWS, chain(), Optional.empty());
    }

    assertThat(inUse()).hasSize(3).noneMatch(entry -> entry.serial().equals(serial(first)));
    assertThat(ledger.forgotten()).isEqualTo(1);
  }
}
