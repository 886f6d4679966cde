package dev.meshctl.dataplane.testing;

import dev.meshctl.net.tls.IdentityMaterial;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Issues SPIFFE certificates for tests. */
public final class TestAuthority {
  private final KeyPair key = keyPair();
  private final X509Certificate root;
  private int serial = 1;

  public TestAuthority() {
    X500Name name = new X500Name("CN=test root");
    root = sign(name, name, key, "", true, Instant.now().plus(1, ChronoUnit.DAYS));
  }

  private static KeyPair keyPair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** An identity for {@code spiffe://cluster.local/ns/default/sa/ACCOUNT}. */
  public IdentityMaterial issue(String account) {
    return issue(account, Instant.now().plus(1, ChronoUnit.HOURS));
  }

  public IdentityMaterial issue(String account, Instant notAfter) {
    KeyPair own = keyPair();
    X509Certificate leaf =
        sign(
            new X500Name("CN=test root"),
            new X500Name("CN=" + account),
            own,
            uri(account),
            false,
            notAfter);
    return new IdentityMaterial(own.getPrivate(), List.of(leaf), List.of(root));
  }

  /** For a server with these DNS names. */
  public IdentityMaterial issueFor(String... dnsNames) {
    KeyPair own = keyPair();
    GeneralName[] names =
        Arrays.stream(dnsNames)
            .map(name -> new GeneralName(GeneralName.dNSName, name))
            .toArray(GeneralName[]::new);
    X509Certificate leaf =
        sign(
            new X500Name("CN=test root"),
            new X500Name("CN=" + dnsNames[0]),
            own,
            names,
            false,
            Instant.now().plus(1, ChronoUnit.HOURS));
    return new IdentityMaterial(own.getPrivate(), List.of(leaf), List.of(root));
  }

  public static String certificatePem(IdentityMaterial identity) {
    try {
      return pem("CERTIFICATE", identity.chain().getFirst().getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public static String keyPem(IdentityMaterial identity) {
    return pem("PRIVATE KEY", identity.key().getEncoded());
  }

  private static String pem(String label, byte[] der) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + label
        + "-----\n";
  }

  public static String uri(String account) {
    return "spiffe://cluster.local/ns/default/sa/" + account;
  }

  public String rootPem() {
    try {
      return pem("CERTIFICATE", root.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private X509Certificate sign(
      X500Name issuer,
      X500Name subject,
      KeyPair subjectKey,
      String uri,
      boolean authority,
      Instant notAfter) {
    GeneralName[] names =
        uri.isEmpty()
            ? new GeneralName[0]
            : new GeneralName[] {new GeneralName(GeneralName.uniformResourceIdentifier, uri)};
    return sign(issuer, subject, subjectKey, names, authority, notAfter);
  }

  private X509Certificate sign(
      X500Name issuer,
      X500Name subject,
      KeyPair subjectKey,
      GeneralName[] names,
      boolean authority,
      Instant notAfter) {
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              issuer,
              BigInteger.valueOf(serial++),
              Date.from(Instant.now().minus(1, ChronoUnit.DAYS)),
              Date.from(notAfter),
              subject,
              subjectKey.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
      if (names.length > 0) {
        builder.addExtension(Extension.subjectAlternativeName, true, new GeneralNames(names));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate())));
    } catch (CertIOException | OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
