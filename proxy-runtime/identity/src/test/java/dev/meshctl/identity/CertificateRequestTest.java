package dev.meshctl.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.junit.jupiter.api.Test;

/** What we write by hand, as BouncyCastle reads it. */
class CertificateRequestTest {
  private final SecureRandom random = new SecureRandom();

  @Test
  void a_request_is_signed_by_its_key_has_no_subject_and_asks_for_one_critical_uri()
      throws Exception {
    // Names from the shortest to the longest cross every length of DER lengths that occurs.
    for (int length : new int[] {1, 60, 90, 120, 200, 250}) {
      SpiffeId id = new SpiffeId("cluster.local", "default", "a".repeat(length));

      byte[] der =
          Pem.decode("CERTIFICATE REQUEST", CertificateRequest.create(id, random).csrPem());

      JcaPKCS10CertificationRequest read = new JcaPKCS10CertificationRequest(der);
      assertThat(read.getEncoded()).isEqualTo(der);
      assertThat(read.getSubject().getRDNs()).isEmpty();
      assertThat(
              read.isSignatureValid(
                  new JcaContentVerifierProviderBuilder().build(read.getPublicKey())))
          .isTrue();
      Extension san = read.getRequestedExtensions().getExtension(Extension.subjectAlternativeName);
      assertThat(san.isCritical()).isTrue();
      assertThat(GeneralNames.getInstance(san.getParsedValue()).getNames())
          .containsExactly(new GeneralName(GeneralName.uniformResourceIdentifier, id.toString()));
    }
  }

  @Test
  void lengths_are_written_as_der_wants_them() throws Exception {
    for (int length : new int[] {0, 1, 127, 128, 255, 256, 65535, 65536}) {
      byte[] contents = new byte[length];
      ByteArrayOutputStream expected = new ByteArrayOutputStream();
      ASN1OctetString octets = new DEROctetString(contents);
      octets.encodeTo(expected, "DER");

      assertThat(Der.of(0x04, contents)).isEqualTo(expected.toByteArray());
    }
  }
}
