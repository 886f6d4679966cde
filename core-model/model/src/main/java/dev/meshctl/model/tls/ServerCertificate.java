package dev.meshctl.model.tls;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A certificate that its private key fits, leaf first. Holds no key.
 *
 * <p>Threads: any; immutable.
 */
public record ServerCertificate(List<X509Certificate> chain) {
  private static final int DNS_NAME = 2;
  private static final int LEAST_RSA_BITS = 2048;
  private static final Set<Integer> EC_BITS = Set.of(256, 384, 521);
  private static final byte[] CHALLENGE = {1, 2, 3, 4, 5, 6, 7, 8};

  public ServerCertificate {
    chain = List.copyOf(chain);
  }

  /**
   * Reads both and tries whether they belong together.
   *
   * @throws GeneralSecurityException says what is wrong, without a part of the key
   */
  public static ServerCertificate read(String chainPem, PrivateKeyPem keyPem)
      throws GeneralSecurityException {
    List<X509Certificate> chain = PemReader.certificates(chainPem);
    PublicKey known = chain.getFirst().getPublicKey();
    if (!isServed(known)) {
      throw new GeneralSecurityException(
          "its key is "
              + known.getAlgorithm()
              + " of a size or kind that is not served (expected: RSA of 2048 bits or more, or EC"
              + " of P-256, P-384 or P-521)");
    }
    PrivateKey key = PemReader.privateKey(keyPem.reveal(), known.getAlgorithm());
    if (!fits(key, known)) {
      throw new GeneralSecurityException("the private key is not that of the certificate");
    }
    return new ServerCertificate(chain);
  }

  /** What BoringSSL serves, in our proxy as in Envoy: one key that it refuses stops a listener. */
  private static boolean isServed(PublicKey key) {
    return switch (key) {
      case RSAPublicKey rsa -> rsa.getModulus().bitLength() >= LEAST_RSA_BITS;
      case ECPublicKey ec -> EC_BITS.contains(ec.getParams().getCurve().getField().getFieldSize());
      default -> false;
    };
  }

  private static boolean fits(PrivateKey key, PublicKey known) throws GeneralSecurityException {
    String algorithm = known instanceof RSAPublicKey ? "SHA256withRSA" : "SHA256withECDSA";
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    signature.update(CHALLENGE);
    byte[] signed = signature.sign();
    signature.initVerify(known);
    signature.update(CHALLENGE);
    return signature.verify(signed);
  }

  public Instant notBefore() {
    return chain.getFirst().getNotBefore().toInstant();
  }

  public Instant notAfter() {
    return chain.getFirst().getNotAfter().toInstant();
  }

  /**
   * Whether clients that ask for {@code host} take it (RFC 6125: DNS alternative names, a wildcard
   * for one label). A wildcard host is covered by the same wildcard.
   */
  public boolean covers(String host) {
    String asked = host.toLowerCase(Locale.ROOT);
    return dnsNames().stream()
        .map(name -> name.toLowerCase(Locale.ROOT))
        .anyMatch(name -> name.equals(asked) || matchesOneLabel(name, asked));
  }

  private static boolean matchesOneLabel(String pattern, String host) {
    int dot = host.indexOf('.');
    return pattern.startsWith("*.") && dot > 0 && host.substring(dot).equals(pattern.substring(1));
  }

  /** DNS alternative names of the leaf. */
  public List<String> dnsNames() {
    try {
      Collection<List<?>> names = chain.getFirst().getSubjectAlternativeNames();
      List<String> found = new ArrayList<>();
      if (names != null) {
        for (List<?> name : names) {
          if (name.get(0) instanceof Integer kind
              && kind == DNS_NAME
              && name.get(1) instanceof String text) {
            found.add(text);
          }
        }
      }
      return found;
    } catch (CertificateParsingException unreadable) {
      return List.of();
    }
  }
}
