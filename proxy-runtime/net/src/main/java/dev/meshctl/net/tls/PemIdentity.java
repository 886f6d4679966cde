package dev.meshctl.net.tls;

import dev.meshctl.model.tls.PemReader;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;

/**
 * Certificates and keys as people keep them for other servers, see {@link PemReader}.
 *
 * <p>Thread: any; pure.
 */
public final class PemIdentity {
  private PemIdentity() {}

  /**
   * @param what names the material in errors
   * @throws SSLException where either cannot be read
   */
  public static IdentityMaterial parse(String what, String chainPem, String keyPem)
      throws SSLException {
    List<X509Certificate> chain = certificates(what, chainPem);
    try {
      PrivateKey key = PemReader.privateKey(keyPem, chain.getFirst().getPublicKey().getAlgorithm());
      return new IdentityMaterial(key, chain, List.of());
    } catch (GeneralSecurityException unreadable) {
      throw new SSLException(what + ": " + unreadable.getMessage(), unreadable);
    }
  }

  /**
   * All certificates of {@code pem}, at least one.
   *
   * @param what names them in errors
   * @throws SSLException where there is none, or one cannot be read
   */
  public static List<X509Certificate> certificates(String what, String pem) throws SSLException {
    try {
      return PemReader.certificates(pem);
    } catch (CertificateException unreadable) {
      throw new SSLException(what + ": " + unreadable.getMessage(), unreadable);
    }
  }
}
