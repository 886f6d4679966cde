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
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;

/**
 * The root: its key and certificate live in the state folder, or wherever its {@link Text} is kept,
 * so that a restarted control plane is still the one that the mesh trusts.
 */
public record RootAuthority(PrivateKey key, X509Certificate certificate) {
  private static final String KEY_FILE = "root-key.pem";
  private static final String CERTIFICATE_FILE = "root-cert.pem";
  private static final Duration LIFETIME = Duration.ofDays(3650);

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
    X509Certificate certificate = Pem.certificates(text.certificatePem()).getFirst();
    certificate.checkValidity(java.util.Date.from(now));
    certificate.verify(certificate.getPublicKey());
    KeyPairs.checkPair(key, certificate, random);
    return new RootAuthority(key, certificate);
  }
}
