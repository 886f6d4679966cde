package dev.meshctl.identity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/** RFC 7468 text of certificates, requests and keys. */
public final class Pem {
  private Pem() {}

  /** One block. */
  static String encode(String label, byte[] der) {
    String body =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
  }

  /** One block a certificate, in order. */
  public static String certificates(List<X509Certificate> certificates) {
    StringBuilder text = new StringBuilder();
    for (X509Certificate certificate : certificates) {
      text.append(certificate(certificate));
    }
    return text.toString();
  }

  static String certificate(X509Certificate certificate) {
    try {
      return encode("CERTIFICATE", certificate.getEncoded());
    } catch (CertificateEncodingException broken) {
      throw new IllegalStateException("a certificate of ours does not encode", broken);
    }
  }

  /**
   * Every certificate in {@code text}.
   *
   * @throws CertificateException where one does not parse, or there is none
   */
  public static List<X509Certificate> certificates(String text) throws CertificateException {
    List<X509Certificate> all =
        CertificateFactory.getInstance("X.509")
            .generateCertificates(
                new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)))
            .stream()
            .map(X509Certificate.class::cast)
            .toList();
    if (all.isEmpty()) {
      throw new CertificateException("no certificate in the PEM text");
    }
    return all;
  }

  static byte[] decode(String label, String text) throws GeneralSecurityException {
    String begin = "-----BEGIN " + label + "-----";
    String end = "-----END " + label + "-----";
    int from = text.indexOf(begin);
    int to = text.indexOf(end);
    if (from < 0 || to < from) {
      throw new GeneralSecurityException("no " + label + " block in the PEM text");
    }
    try {
      return Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to));
    } catch (IllegalArgumentException notBase64) {
      throw new GeneralSecurityException("the " + label + " block is not Base64", notBase64);
    }
  }

  static PrivateKey ecKey(String text) throws GeneralSecurityException {
    return KeyFactory.getInstance("EC")
        .generatePrivate(new PKCS8EncodedKeySpec(decode("PRIVATE KEY", text)));
  }

  /** PKCS#8, PKCS#1 or SEC 1; the message of a failure tells nothing of the key. */
  static PrivateKey anyKey(String text) throws GeneralSecurityException {
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
      for (Object read = parser.readObject(); read != null; read = parser.readObject()) {
        if (read instanceof PEMKeyPair pair) {
          return converter.getKeyPair(pair).getPrivate();
        }
        if (read instanceof PrivateKeyInfo key) {
          return converter.getPrivateKey(key);
        }
      }
      throw new GeneralSecurityException("no private key in the PEM text");
    } catch (IOException malformed) {
      throw new GeneralSecurityException("the private key does not parse");
    }
  }
}
