package dev.meshctl.bundle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/** The public half of a {@link SigningKey}: whoever holds it can tell its bundles from others. */
public final class TrustedKey {
  static final int ID_BYTES = 32;

  private final EdECPublicKey key;
  private final byte[] id;

  TrustedKey(EdECPublicKey key) {
    this.key = key;
    this.id = Digests.sha256().digest(key.getEncoded());
  }

  /**
   * @throws IOException where the file is no Ed25519 public key in PEM
   */
  public static TrustedKey read(Path file) throws IOException {
    String text = Files.readString(file);
    try {
      return of(text);
    } catch (IOException notOne) {
      throw new IOException(file + ": " + notOne.getMessage(), notOne);
    }
  }

  /**
   * @throws IOException where {@code pem} is no Ed25519 public key
   */
  public static TrustedKey of(String pem) throws IOException {
    try {
      return new TrustedKey(
          (EdECPublicKey)
              KeyFactory.getInstance("Ed25519")
                  .generatePublic(new X509EncodedKeySpec(PemText.read("PUBLIC KEY", pem))));
    } catch (GeneralSecurityException | ClassCastException notOne) {
      throw new IOException("not an Ed25519 public key in PEM (SubjectPublicKeyInfo)", notOne);
    }
  }

  public String pem() {
    return PemText.write("PUBLIC KEY", key.getEncoded());
  }

  /** SHA-256 of the key's SubjectPublicKeyInfo, hexadecimal: how people compare keys. */
  public String fingerprint() {
    return HexFormat.of().formatHex(id);
  }

  byte[] id() {
    return id.clone();
  }

  boolean isNamed(byte[] name) {
    return Arrays.equals(id, name);
  }

  boolean verifies(byte[] signature, byte[]... parts) {
    try {
      Signature verifying = Signature.getInstance("Ed25519");
      verifying.initVerify(key);
      for (byte[] part : parts) {
        verifying.update(part);
      }
      return verifying.verify(signature);
    } catch (GeneralSecurityException notOne) {
      return false;
    }
  }
}
