package dev.meshctl.controlplane;

import dev.meshctl.identity.CertificateAuthority;
import dev.meshctl.identity.CertificateLedger;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.model.query.CertificatesView;
import dev.meshctl.model.query.CertificatesView.Holder;
import dev.meshctl.net.tls.IdentityMaterial;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a control plane says of certificates.
 *
 * <p>Thread: any.
 */
final class CertificateAnswers {
  private final CertificateAuthority authority;
  private final CertificateLedger ledger;
  private final Supplier<IdentityMaterial> own;
  private final InstantSource clock;
  private final long sinceEpochMillis;

  /**
   * @param own what the control plane proves itself by
   */
  CertificateAnswers(
      CertificateAuthority authority,
      CertificateLedger ledger,
      Supplier<IdentityMaterial> own,
      InstantSource clock) {
    this.authority = authority;
    this.ledger = ledger;
    this.own = own;
    this.clock = clock;
    this.sinceEpochMillis = clock.millis();
  }

  CertificatesView view() {
    List<CertificatesView.Certificate> all = new ArrayList<>();
    all.add(ofOurs(own.get().chain()));
    for (CertificateLedger.Entry entry : ledger.inUse(clock.instant())) {
      all.add(
          new CertificatesView.Certificate(
              Holder.WORKLOAD,
              entry.identity().toString(),
              entry.proxy(),
              entry.serial(),
              entry.issued().toEpochMilli(),
              entry.expires().toEpochMilli(),
              entry.issuer(),
              entry.root(),
              entry.issuedHere()));
    }
    String signing = own.get().chain().getLast().getIssuerX500Principal().getName();
    return new CertificatesView(
        authority.trustDomain(),
        sinceEpochMillis,
        ledger.forgotten(),
        authority.trustBundle().stream().map(root -> root(root, signing)).toList(),
        all);
  }

  private static CertificatesView.Certificate ofOurs(List<X509Certificate> chain) {
    X509Certificate leaf = chain.getFirst();
    return new CertificatesView.Certificate(
        Holder.CONTROL_PLANE,
        SpiffeId.of(leaf).map(SpiffeId::toString).orElse(""),
        "",
        leaf.getSerialNumber().toString(16),
        leaf.getNotBefore().getTime(),
        leaf.getNotAfter().getTime(),
        leaf.getIssuerX500Principal().getName(),
        chain.getLast().getIssuerX500Principal().getName(),
        true);
  }

  private static CertificatesView.Root root(X509Certificate root, String signing) {
    String name = root.getSubjectX500Principal().getName();
    return new CertificatesView.Root(
        name,
        root.getSerialNumber().toString(16),
        sha256(root),
        root.getNotBefore().getTime(),
        root.getNotAfter().getTime(),
        name.equals(signing));
  }

  private static String sha256(X509Certificate certificate) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
    } catch (NoSuchAlgorithmException | CertificateEncodingException impossible) {
      throw new IllegalStateException("a certificate that was read has an encoding", impossible);
    }
  }
}
