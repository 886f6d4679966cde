package dev.meshctl.identity;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** A new key and the request (PKCS#10, PEM) for an identity in its SAN. */
record CertificateRequest(PrivateKey key, String csrPem) {

  static CertificateRequest create(SpiffeId identity, SecureRandom random)
      throws GeneralSecurityException {
    KeyPair pair = Certificates.newKeyPair(random);
    try {
      GeneralNames names =
          new GeneralNames(
              new GeneralName(GeneralName.uniformResourceIdentifier, identity.toString()));
      byte[] der =
          new JcaPKCS10CertificationRequestBuilder(new X500Name(new RDN[0]), pair.getPublic())
              .addAttribute(
                  PKCSObjectIdentifiers.pkcs_9_at_extensionRequest,
                  new Extensions(
                      new Extension(Extension.subjectAlternativeName, true, names.getEncoded())))
              .build(Certificates.signer(pair.getPrivate()))
              .getEncoded();
      return new CertificateRequest(pair.getPrivate(), Pem.encode("CERTIFICATE REQUEST", der));
    } catch (IOException broken) {
      throw new GeneralSecurityException("the request does not encode", broken);
    }
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "CertificateRequest";
  }
}
