package dev.meshctl.identity;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;

/**
 * The root: its key and certificate live in the state folder, or wherever its {@link Text} is kept,
 * so that a restarted control plane is still the one that the mesh trusts.
 *
 * @param trusted it, then others that are trusted beside it while one takes the other's place
 */
public record RootAuthority(
    PrivateKey key, X509Certificate certificate, List<X509Certificate> trusted) {
  private static final String KEY_FILE = TrustFolder.KEY;
  private static final String CERTIFICATE_FILE = TrustFolder.CERTIFICATES;
  private static final Duration LIFETIME = Duration.ofDays(3650);

  public RootAuthority {
    trusted = List.copyOf(trusted);
  }

  /** Reads the root, or makes and writes one where the folder has none. */
  static RootAuthority open(Path folder, String trustDomain, Instant now, SecureRandom random)
      throws IdentityException {
    Path keyFile = folder.resolve(KEY_FILE);
    Path certificateFile = folder.resolve(CERTIFICATE_FILE);
    try {
      PrivateFiles.createFolder(folder);
      if (!Files.exists(keyFile)) {
        Text fresh = create(trustDomain, now, random);
        PrivateFiles.write(certificateFile, fresh.certificatePem());
        // The key last: a key without certificate would be unusable, the reverse is begun anew.
        PrivateFiles.write(keyFile, fresh.keyPem());
        return read(fresh, now, random);
      }
      return read(
          new Text(PrivateFiles.readSecret(keyFile), Files.readString(certificateFile)),
          now,
          random);
    } catch (IOException | GeneralSecurityException unusable) {
      throw new IdentityException(
          "the root of trust in "
              + folder
              + " cannot be used: "
              + unusable.getMessage()
              + "; restore "
              + KEY_FILE
              + " and "
              + CERTIFICATE_FILE
              + ", or delete both to start a new root (every workload then needs a new trust"
              + " bundle)",
          unusable);
    }
  }

  /** A root as text, to be kept by whoever asked; {@link #toString} keeps the key to itself. */
  public record Text(String keyPem, String certificatePem) {
    @Override
    public String toString() {
      return certificatePem;
    }
  }

  /** A new root, kept nowhere yet. */
  static Text create(String trustDomain, Instant now, SecureRandom random)
      throws GeneralSecurityException {
    KeyPair pair = KeyPairs.create(random);
    // A name of its own for each root: two roots of one name confuse path building.
    X500Name name =
        new X500NameBuilder(BCStyle.INSTANCE)
            .addRDN(BCStyle.O, trustDomain)
            .addRDN(BCStyle.OU, "meshctl root " + new BigInteger(64, random).toString(16))
            .build();
    X509Certificate certificate =
        Certificates.authority(
            name, pair.getPublic(), name, pair, now, now.plus(LIFETIME), 1, random);
    return new Text(
        Pem.encode("PRIVATE KEY", pair.getPrivate().getEncoded()), Pem.certificate(certificate));
  }

  static RootAuthority read(Text text, Instant now, SecureRandom random)
      throws GeneralSecurityException {
    PrivateKey key = Pem.ecKey(text.keyPem());
    List<X509Certificate> all = Pem.certificates(text.certificatePem());
    X509Certificate certificate = certificateOf(key, all, random);
    certificate.checkValidity(java.util.Date.from(now));
    certificate.verify(certificate.getPublicKey());
    List<X509Certificate> trusted = new ArrayList<>(List.of(certificate));
    all.stream().filter(other -> !other.equals(certificate)).forEach(trusted::add);
    return new RootAuthority(key, certificate, trusted);
  }

  /** Of several roots, the one of a key. */
  static X509Certificate certificateOf(
      PrivateKey key, List<X509Certificate> among, SecureRandom random)
      throws GeneralSecurityException {
    for (X509Certificate each : among.subList(0, among.size() - 1)) {
      try {
        KeyPairs.checkPair(key, each, random);
        return each;
      } catch (GeneralSecurityException another) {
        // The last one says what is wrong, where it is none of them.
      }
    }
    KeyPairs.checkPair(key, among.getLast(), random);
    return among.getLast();
  }
}
