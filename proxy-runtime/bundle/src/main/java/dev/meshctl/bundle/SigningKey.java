package dev.meshctl.bundle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Set;

/** An Ed25519 key (RFC 8032) that signs bundles, with its public half. */
public final class SigningKey {
  private final PrivateKey key;
  private final TrustedKey trusted;

  private SigningKey(PrivateKey key, TrustedKey trusted) {
    this.key = key;
    this.trusted = trusted;
  }

  /** A new one. */
  public static SigningKey generate() {
    try {
      KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      return new SigningKey(pair.getPrivate(), new TrustedKey((EdECPublicKey) pair.getPublic()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has Ed25519", e);
    }
  }

  /**
   * Writes both halves beside each other: {@code file} (readable by its owner alone) and {@code
   * file.pub}.
   *
   * @throws IOException where one of them is there already: a key is never replaced
   */
  public void write(Path file) throws IOException {
    Path open = publicFile(file);
    for (Path each : new Path[] {file, open}) {
      if (Files.exists(each)) {
        throw new IOException(
            each + " is there already; a key is never replaced: name another file");
      }
    }
    Files.createFile(
        file,
        PosixFilePermissions.asFileAttribute(
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE)));
    Files.writeString(file, PemText.write("PRIVATE KEY", key.getEncoded()));
    Files.writeString(open, trusted.pem());
  }

  /** Where the public half of the key in {@code file} is written. */
  public static Path publicFile(Path file) {
    return file.resolveSibling(file.getFileName() + ".pub");
  }

  /**
   * Reads a private key and its public half.
   *
   * @throws IOException where it is none, others may read it, or the two do not belong together
   */
  public static SigningKey read(Path file) throws IOException {
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
    if (permissions.contains(PosixFilePermission.GROUP_READ)
        || permissions.contains(PosixFilePermission.OTHERS_READ)
        || permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException(
          file
              + ": open to others ("
              + PosixFilePermissions.toString(permissions)
              + ", expected: rw-------); chmod 600 it, and make a new key if somebody may have read"
              + " it");
    }
    PrivateKey key;
    try {
      key =
          KeyFactory.getInstance("Ed25519")
              .generatePrivate(
                  new PKCS8EncodedKeySpec(PemText.read("PRIVATE KEY", Files.readString(file))));
    } catch (GeneralSecurityException | ClassCastException notOne) {
      throw new IOException(file + " is not an Ed25519 private key in PEM (PKCS#8)", notOne);
    }
    Path open = publicFile(file);
    TrustedKey trusted = TrustedKey.read(open);
    SigningKey read = new SigningKey(key, trusted);
    byte[] probe = "meshctl".getBytes(StandardCharsets.US_ASCII);
    if (!trusted.verifies(read.sign(probe), probe)) {
      throw new IOException(open + " is not the public half of " + file);
    }
    return read;
  }

  /** The public half. */
  public TrustedKey trusted() {
    return trusted;
  }

  byte[] sign(byte[]... parts) {
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(key);
      for (byte[] part : parts) {
        signature.update(part);
      }
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("an Ed25519 key does not sign", e);
    }
  }
}
