package dev.meshctl.identity;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;

/** ECDSA P-256 keys, by the JDK alone. */
final class KeyPairs {
  static final String SIGNATURE = "SHA256withECDSA";

  private KeyPairs() {}

  static KeyPair create(SecureRandom random) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"), random);
    return generator.generateKeyPair();
  }

  /** The algorithm by which a key signs. */
  static String signature(PrivateKey key) {
    return key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : SIGNATURE;
  }

  static byte[] sign(PrivateKey key, byte[] data) throws GeneralSecurityException {
    Signature signature = Signature.getInstance(signature(key));
    signature.initSign(key);
    signature.update(data);
    return signature.sign();
  }

  /** That {@code key} is the private half of the certificate's key. */
  static void checkPair(PrivateKey key, X509Certificate certificate, SecureRandom random)
      throws GeneralSecurityException {
    byte[] probe = new byte[32];
    random.nextBytes(probe);
    Signature verifying = Signature.getInstance(signature(key));
    verifying.initVerify(certificate.getPublicKey());
    verifying.update(probe);
    if (!verifying.verify(sign(key, probe))) {
      throw new GeneralSecurityException("the key is not that of the certificate");
    }
  }
}
