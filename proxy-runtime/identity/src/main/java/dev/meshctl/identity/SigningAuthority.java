package dev.meshctl.identity;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;

/**
 * What signs workloads' certificates, and who vouches for it.
 *
 * @param chain its own certificate, then those that lead to an anchor, without it
 * @param anchors what workloads trust
 */
public record SigningAuthority(
    PrivateKey key, List<X509Certificate> chain, List<X509Certificate> anchors) {
  public SigningAuthority {
    chain = List.copyOf(chain);
    anchors = List.copyOf(anchors);
  }

  X509Certificate certificate() {
    return chain.getFirst();
  }

  /** The one of {@link #anchors} that vouches for the chain. */
  Optional<X509Certificate> anchor() {
    X509Certificate last = chain.getLast();
    return anchors.stream()
        .filter(anchor -> anchor.equals(last) || vouches(anchor, last))
        .findFirst();
  }

  private static boolean vouches(X509Certificate anchor, X509Certificate certificate) {
    try {
      certificate.verify(anchor.getPublicKey());
      return true;
    } catch (GeneralSecurityException another) {
      return false;
    }
  }

  /** Keeps the key to itself. */
  @Override
  public String toString() {
    return String.valueOf(certificate().getSubjectX500Principal());
  }

  /**
   * One that a company's own authority has made for this mesh: PEM texts as the Secret {@code
   * cacerts} has them. It signs leaves itself, for many such certificates may sign no other
   * authority.
   *
   * @param certificate {@code ca-cert.pem}
   * @param key {@code ca-key.pem}: PKCS#8, PKCS#1 or SEC 1, EC or RSA
   * @param above {@code cert-chain.pem}; may begin with the certificate itself, or be empty
   * @param roots {@code root-cert.pem}
   * @throws IdentityException where these do not belong together; the message tells no key
   */
  public static SigningAuthority plugged(
      String certificate, String key, String above, String roots, Instant now, SecureRandom random)
      throws IdentityException {
    try {
      X509Certificate own = Pem.certificates(certificate).getFirst();
      List<X509Certificate> anchors = Pem.certificates(roots);
      if (own.getBasicConstraints() < 0) {
        throw new IdentityException(
            "ca-cert.pem is no authority's certificate; put one with CA:TRUE there");
      }
      own.checkValidity(Date.from(now));
      PrivateKey signing = Pem.anyKey(key);
      KeyPairs.checkPair(signing, own, random);
      List<X509Certificate> chain = new ArrayList<>(List.of(own));
      if (!above.isBlank()) {
        for (X509Certificate each : Pem.certificates(above)) {
          if (!each.equals(own) && !anchors.contains(each)) {
            chain.add(each);
          }
        }
      }
      requireVouched(chain, anchors);
      return new SigningAuthority(signing, anchors.contains(own) ? List.of(own) : chain, anchors);
    } catch (GeneralSecurityException unusable) {
      throw new IdentityException(
          "ca-cert.pem, ca-key.pem, cert-chain.pem and root-cert.pem do not make an authority: "
              + unusable.getMessage()
              + "; see openssl verify -CAfile root-cert.pem ca-cert.pem",
          unusable);
    }
  }

  private static void requireVouched(List<X509Certificate> chain, List<X509Certificate> anchors)
      throws GeneralSecurityException {
    for (int i = 0; i + 1 < chain.size(); i++) {
      chain.get(i).verify(chain.get(i + 1).getPublicKey());
    }
    X509Certificate last = chain.getLast();
    GeneralSecurityException why = new GeneralSecurityException("root-cert.pem is empty");
    for (X509Certificate anchor : anchors) {
      try {
        PublicKey above = anchor.getPublicKey();
        last.verify(above);
        return;
      } catch (GeneralSecurityException notThisOne) {
        why = notThisOne;
      }
    }
    throw why;
  }
}
