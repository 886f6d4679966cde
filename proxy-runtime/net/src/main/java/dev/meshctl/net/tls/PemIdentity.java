package dev.meshctl.net.tls;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/**
 * Certificates and keys as people keep them for other servers: PEM, the key in PKCS#8, PKCS#1 (RSA)
 * or SEC 1 (EC), not encrypted.
 *
 * <p>Thread: any; pure.
 */
public final class PemIdentity {
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----([^-]+)-----END \\1-----");

  /** {@code SEQUENCE { OID rsaEncryption, NULL }}. */
  private static final byte[] RSA_ALGORITHM = {
    0x30,
    0x0d,
    0x06,
    0x09,
    0x2a,
    (byte) 0x86,
    0x48,
    (byte) 0x86,
    (byte) 0xf7,
    0x0d,
    0x01,
    0x01,
    0x01,
    0x05,
    0x00
  };

  /** {@code OID ecPublicKey}, to be followed by the curve's. */
  private static final byte[] EC_KEY = {
    0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01
  };

  private static final byte[] VERSION_ZERO = {0x02, 0x01, 0x00};
  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 0x04;
  private static final int CURVE = 0xa0;

  private PemIdentity() {}

  /**
   * @param what names the material in errors
   * @throws SSLException where either cannot be read
   */
  public static IdentityMaterial parse(String what, String chainPem, String keyPem)
      throws SSLException {
    List<X509Certificate> chain = certificates(what, chainPem);
    PrivateKey key = key(what, keyPem, chain.getFirst().getPublicKey().getAlgorithm());
    return new IdentityMaterial(key, chain, List.of());
  }

  /**
   * All certificates of {@code pem}, at least one.
   *
   * @param what names them in errors
   * @throws SSLException where there is none, or one cannot be read
   */
  public static List<X509Certificate> certificates(String what, String pem) throws SSLException {
    try {
      List<X509Certificate> parsed = new ArrayList<>();
      for (Certificate each :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)))) {
        parsed.add((X509Certificate) each);
      }
      if (parsed.isEmpty()) {
        throw new SSLException(what + " holds no certificate");
      }
      return parsed;
    } catch (CertificateException e) {
      throw new SSLException(what + ": " + e.getMessage(), e);
    }
  }

  private static PrivateKey key(String what, String pem, String algorithm) throws SSLException {
    Matcher found = KEY.matcher(pem);
    if (!found.find()) {
      throw new SSLException(what + ": no private key (expected: PEM, not encrypted)");
    }
    try {
      byte[] der = Base64.getMimeDecoder().decode(found.group(2));
      byte[] pkcs8 =
          switch (found.group(1)) {
            case "RSA PRIVATE KEY" -> wrap(RSA_ALGORITHM, der);
            case "EC PRIVATE KEY" -> wrap(tagged(SEQUENCE, joined(EC_KEY, curve(der))), der);
            case "PRIVATE KEY" -> der;
            default -> throw new SSLException(what + ": " + found.group(1) + " is not supported");
          };
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    } catch (GeneralSecurityException | IllegalArgumentException unreadable) {
      throw new SSLException(what + ": private key: " + unreadable.getMessage(), unreadable);
    }
  }

  /** RFC 5208: {@code SEQUENCE { 0, algorithm, OCTET STRING key }}. */
  private static byte[] wrap(byte[] algorithm, byte[] key) {
    return tagged(SEQUENCE, joined(VERSION_ZERO, algorithm, tagged(OCTET_STRING, key)));
  }

  /** The curve's OID out of RFC 5915: {@code SEQUENCE { 1, OCTET STRING, [0] { OID } ... }}. */
  private static byte[] curve(byte[] sec1) {
    int at = content(sec1, 0);
    at = next(sec1, next(sec1, at));
    if (at >= sec1.length || (sec1[at] & 0xff) != CURVE) {
      throw new IllegalArgumentException("names no curve");
    }
    int oid = content(sec1, at);
    return Arrays.copyOfRange(sec1, oid, next(sec1, oid));
  }

  /** Where the content of the element at {@code at} begins. */
  private static int content(byte[] der, int at) {
    int length = der[check(der, at + 1)] & 0xff;
    return at + 2 + (length < 0x80 ? 0 : length & 0x7f);
  }

  /** Behind the element at {@code at}. */
  private static int next(byte[] der, int at) {
    int first = der[check(der, at + 1)] & 0xff;
    int length = first;
    if (first >= 0x80) {
      length = 0;
      for (int i = 0; i < (first & 0x7f); i++) {
        length = length << 8 | der[check(der, at + 2 + i)] & 0xff;
      }
    }
    return content(der, at) + length;
  }

  private static int check(byte[] der, int at) {
    if (at < 0 || at >= der.length) {
      throw new IllegalArgumentException("ends too early");
    }
    return at;
  }

  private static byte[] tagged(int tag, byte[] content) {
    int length = content.length;
    byte[] head =
        length < 0x80
            ? new byte[] {(byte) tag, (byte) length}
            : length < 0x100
                ? new byte[] {(byte) tag, (byte) 0x81, (byte) length}
                : new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
    return joined(head, content);
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
