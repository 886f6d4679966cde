package dev.meshctl.model.tls;

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
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads certificates and keys: the key in PKCS#8, PKCS#1 (RSA) or SEC 1 (EC), not encrypted. What
 * it throws never tells a part of a key.
 *
 * <p>Threads: any; pure.
 */
public final class PemReader {
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

  private PemReader() {}

  /**
   * All certificates of {@code pem}, at least one, in order.
   *
   * @throws CertificateException where there is none, or one cannot be read
   */
  public static List<X509Certificate> certificates(String pem) throws CertificateException {
    List<X509Certificate> parsed = new ArrayList<>();
    for (Certificate each :
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)))) {
      parsed.add((X509Certificate) each);
    }
    if (parsed.isEmpty()) {
      throw new CertificateException("holds no certificate");
    }
    return parsed;
  }

  /**
   * The first private key of {@code pem}.
   *
   * @param algorithm of the certificate it belongs to: {@code RSA}, {@code EC}
   * @throws GeneralSecurityException where there is none, or it is of another algorithm
   */
  public static PrivateKey privateKey(String pem, String algorithm)
      throws GeneralSecurityException {
    Matcher found = KEY.matcher(pem);
    if (!found.find()) {
      throw new InvalidKeySpecException("no private key (expected: PEM, not encrypted)");
    }
    try {
      byte[] der = Base64.getMimeDecoder().decode(found.group(2));
      byte[] pkcs8 =
          switch (found.group(1)) {
            case "RSA PRIVATE KEY" -> wrap(RSA_ALGORITHM, der);
            case "EC PRIVATE KEY" -> wrap(tagged(SEQUENCE, joined(EC_KEY, curve(der))), der);
            case "PRIVATE KEY" -> der;
            default -> throw new InvalidKeySpecException(found.group(1) + " is not supported");
          };
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    } catch (IllegalArgumentException unreadable) {
      throw new InvalidKeySpecException("private key: " + unreadable.getMessage(), unreadable);
    } catch (InvalidKeySpecException unreadable) {
      throw new InvalidKeySpecException("private key: " + unreadable.getMessage(), unreadable);
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
