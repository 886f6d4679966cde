package dev.meshctl.identity;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;

/**
 * A new key and the request (PKCS#10, RFC 2986, PEM) for an identity in its SAN.
 *
 * <p>The one certificate structure that is written here without BouncyCastle: its shape never
 * varies, and a sidecar that writes it need not load a library whose signed jar alone costs more
 * memory than the rest of its start. The authority, which reads what others wrote, uses it.
 */
record CertificateRequest(PrivateKey key, String csrPem) {
  private static final int BOOLEAN = 0x01;
  private static final int INTEGER = 0x02;
  private static final int BIT_STRING = 0x03;
  private static final int OCTET_STRING = 0x04;
  private static final int OID = 0x06;
  private static final int SEQUENCE = 0x30;
  private static final int SET = 0x31;

  /** {@code [6]}: GeneralName, uniformResourceIdentifier (RFC 5280). */
  private static final int URI = 0x86;

  /** {@code [0]}: the attributes of the request. */
  private static final int ATTRIBUTES = 0xa0;

  /** 1.2.840.10045.4.3.2, ecdsa-with-SHA256. */
  private static final byte[] ECDSA_SHA256 = {0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 4, 3, 2};

  /** 1.2.840.113549.1.9.14, extensionRequest. */
  private static final byte[] EXTENSION_REQUEST = {
    0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 9, 14
  };

  /** 2.5.29.17, subjectAltName. */
  private static final byte[] SUBJECT_ALT_NAME = {0x55, 0x1d, 0x11};

  static CertificateRequest create(SpiffeId identity, SecureRandom random)
      throws GeneralSecurityException {
    KeyPair pair = KeyPairs.create(random);
    byte[] info =
        Der.of(
            SEQUENCE,
            Der.of(INTEGER, new byte[] {0}),
            // No subject: all that the certificate says is in the SAN.
            Der.of(SEQUENCE),
            pair.getPublic().getEncoded(),
            Der.of(
                ATTRIBUTES,
                Der.of(
                    SEQUENCE,
                    Der.of(OID, EXTENSION_REQUEST),
                    Der.of(SET, Der.of(SEQUENCE, subjectAltName(identity))))));
    byte[] signature = KeyPairs.sign(pair.getPrivate(), info);
    byte[] request =
        Der.of(
            SEQUENCE,
            info,
            Der.of(SEQUENCE, Der.of(OID, ECDSA_SHA256)),
            // No unused bits, then the signature.
            Der.of(BIT_STRING, new byte[] {0}, signature));
    return new CertificateRequest(pair.getPrivate(), Pem.encode("CERTIFICATE REQUEST", request));
  }

  private static byte[] subjectAltName(SpiffeId identity) {
    byte[] uri = identity.toString().getBytes(StandardCharsets.US_ASCII);
    return Der.of(
        SEQUENCE,
        Der.of(OID, SUBJECT_ALT_NAME),
        Der.of(BOOLEAN, new byte[] {(byte) 0xff}),
        Der.of(OCTET_STRING, Der.of(SEQUENCE, Der.of(URI, uri))));
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "CertificateRequest";
  }
}
