package dev.meshctl.identity;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** The shapes of our certificates (RFC 5280 and the X.509-SVID standard). */
final class Certificates {
  /** Certificates are valid a little before they were made, for peers whose clocks lag. */
  static final Duration CLOCK_SKEW = Duration.ofSeconds(10);

  private static final int SERIAL_BITS = 127;

  private Certificates() {}

  static ContentSigner signer(PrivateKey key) throws GeneralSecurityException {
    try {
      return new JcaContentSignerBuilder(KeyPairs.signature(key)).build(key);
    } catch (OperatorCreationException unusable) {
      throw new GeneralSecurityException("the key does not sign", unusable);
    }
  }

  /** An authority that may issue {@code pathLength} further levels of authorities. */
  static X509Certificate authority(
      X500Name subject,
      PublicKey key,
      X500Name issuer,
      KeyPair issuerKeys,
      Instant now,
      Instant notAfter,
      int pathLength,
      SecureRandom random)
      throws GeneralSecurityException {
    try {
      X509v3CertificateBuilder builder = builder(issuer, subject, key, now, notAfter, random);
      JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(pathLength))
          .addExtension(
              Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
          .addExtension(Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(key))
          .addExtension(
              Extension.authorityKeyIdentifier,
              false,
              ids.createAuthorityKeyIdentifier(issuerKeys.getPublic()));
      return finish(builder, issuerKeys.getPrivate());
    } catch (CertIOException broken) {
      throw new GeneralSecurityException("the certificate does not encode", broken);
    }
  }

  /**
   * A leaf without subject: all that it says is in {@code names}, which is therefore critical (RFC
   * 5280, 4.2.1.6).
   */
  static X509Certificate leaf(
      GeneralNames names,
      PublicKey key,
      X509Certificate issuer,
      PrivateKey issuerKey,
      Instant now,
      Instant notAfter,
      SecureRandom random)
      throws GeneralSecurityException {
    try {
      X509v3CertificateBuilder builder =
          builder(
              X500Name.getInstance(issuer.getSubjectX500Principal().getEncoded()),
              new X500Name(new org.bouncycastle.asn1.x500.RDN[0]),
              key,
              now,
              notAfter,
              random);
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
          .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
          .addExtension(
              Extension.extendedKeyUsage,
              false,
              new ExtendedKeyUsage(
                  new KeyPurposeId[] {
                    KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                  }))
          .addExtension(
              Extension.authorityKeyIdentifier,
              false,
              new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(issuer.getPublicKey()))
          .addExtension(Extension.subjectAlternativeName, true, names);
      return finish(builder, issuerKey);
    } catch (CertIOException broken) {
      throw new GeneralSecurityException("the certificate does not encode", broken);
    }
  }

  private static X509v3CertificateBuilder builder(
      X500Name issuer,
      X500Name subject,
      PublicKey key,
      Instant now,
      Instant notAfter,
      SecureRandom random) {
    // Positive and never 0 (RFC 5280, 4.1.2.2).
    BigInteger serial = new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS);
    return new JcaX509v3CertificateBuilder(
        issuer, serial, Date.from(now.minus(CLOCK_SKEW)), Date.from(notAfter), subject, key);
  }

  private static X509Certificate finish(X509v3CertificateBuilder builder, PrivateKey issuerKey)
      throws GeneralSecurityException {
    return new JcaX509CertificateConverter().getCertificate(builder.build(signer(issuerKey)));
  }
}
