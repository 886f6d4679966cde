package dev.meshctl.identity;

import dev.meshctl.net.tls.IdentityMaterial;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/**
 * The mesh's own authority: a root kept over restarts and an issuing authority below it, made anew
 * at each start, whose key never touches a disk. Issues ECDSA P-256 signed, short-lived X.509-SVIDs
 * whose only name is the SPIFFE id of the authenticated caller.
 *
 * <p>Thread: any.
 */
public final class CertificateAuthority {
  private static final Duration ISSUING_LIFETIME = Duration.ofDays(365);
  private static final int MIN_RSA_BITS = 2048;

  private final String trustDomain;
  private final Duration longest;
  private final InstantSource clock;
  private final SecureRandom random;
  private final SigningAuthority signing;

  /**
   * @param stateFolder made where absent, private to the owner; holds the root's key
   * @param certificateLifetime of issued certificates, at most; more than a second
   */
  public record Settings(String trustDomain, Path stateFolder, Duration certificateLifetime) {
    public Settings {
      if (certificateLifetime.compareTo(Duration.ofSeconds(1)) < 0) {
        throw new IllegalArgumentException(
            "certificateLifetime: " + certificateLifetime + " (expected: at least 1 s)");
      }
    }
  }

  /** What became of a request. */
  public sealed interface Answer {
    /** {@code chain}: leaf, issuing authority, those above it, their root. */
    record Issued(List<X509Certificate> chain) implements Answer {
      public Issued {
        chain = List.copyOf(chain);
      }
    }

    /** {@code reason} may be shown to the caller. */
    record Refused(String reason) implements Answer {}
  }

  private CertificateAuthority(
      String trustDomain,
      Duration longest,
      SigningAuthority signing,
      InstantSource clock,
      SecureRandom random) {
    this.trustDomain = trustDomain;
    this.longest = longest;
    this.signing = signing;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Reads the root in the state folder, or makes one.
   *
   * @throws IdentityException where the folder or what it holds cannot be used
   */
  public static CertificateAuthority open(
      Settings settings, InstantSource clock, SecureRandom random) throws IdentityException {
    RootAuthority root =
        RootAuthority.open(settings.stateFolder(), settings.trustDomain(), clock.instant(), random);
    return below(root, settings.trustDomain(), settings.certificateLifetime(), clock, random);
  }

  /**
   * A new root for a mesh; the caller keeps it.
   *
   * @throws IdentityException where this JDK makes no such keys
   */
  public static RootAuthority.Text newRoot(
      String trustDomain, InstantSource clock, SecureRandom random) throws IdentityException {
    try {
      return RootAuthority.create(trustDomain, clock.instant(), random);
    } catch (GeneralSecurityException broken) {
      throw new IdentityException("this JDK cannot sign with ECDSA P-256", broken);
    }
  }

  /**
   * Below a root that {@link #newRoot} made.
   *
   * @param longest life of issued certificates
   * @throws IdentityException where the text is not such a root, or is valid no more
   */
  public static CertificateAuthority below(
      RootAuthority.Text root,
      String trustDomain,
      Duration longest,
      InstantSource clock,
      SecureRandom random)
      throws IdentityException {
    try {
      return below(
          RootAuthority.read(root, clock.instant(), random), trustDomain, longest, clock, random);
    } catch (GeneralSecurityException unusable) {
      throw new IdentityException("the root cannot be used: " + unusable.getMessage(), unusable);
    }
  }

  /**
   * By an authority that somebody else vouches for.
   *
   * @param longest life of issued certificates
   */
  public static CertificateAuthority of(
      SigningAuthority signing,
      String trustDomain,
      Duration longest,
      InstantSource clock,
      SecureRandom random) {
    return new CertificateAuthority(trustDomain, longest, signing, clock, random);
  }

  private static CertificateAuthority below(
      RootAuthority root,
      String trustDomain,
      Duration longest,
      InstantSource clock,
      SecureRandom random)
      throws IdentityException {
    Instant now = clock.instant();
    try {
      KeyPair issuingKeys = KeyPairs.create(random);
      X500Name name =
          new X500NameBuilder(BCStyle.INSTANCE)
              .addRDN(BCStyle.O, trustDomain)
              .addRDN(BCStyle.OU, "meshctl issuing")
              .build();
      Instant end = now.plus(ISSUING_LIFETIME);
      Instant rootEnd = root.certificate().getNotAfter().toInstant();
      X509Certificate issuing =
          Certificates.authority(
              name,
              issuingKeys.getPublic(),
              X500Name.getInstance(root.certificate().getSubjectX500Principal().getEncoded()),
              new KeyPair(root.certificate().getPublicKey(), root.key()),
              now,
              end.isBefore(rootEnd) ? end : rootEnd,
              0,
              random);
      return of(
          new SigningAuthority(issuingKeys.getPrivate(), List.of(issuing), root.trusted()),
          trustDomain,
          longest,
          clock,
          random);
    } catch (GeneralSecurityException broken) {
      throw new IdentityException("this JDK cannot sign with ECDSA P-256", broken);
    }
  }

  public String trustDomain() {
    return trustDomain;
  }

  /** What verifies every certificate of the mesh; the root of those issued from now on first. */
  public List<X509Certificate> trustBundle() {
    List<X509Certificate> anchors = new ArrayList<>(signing.anchors());
    signing
        .anchor()
        .ifPresent(first -> {
          anchors.remove(first);
          anchors.addFirst(first);
        });
    return anchors;
  }

  public String trustBundlePem() {
    return Pem.certificates(trustBundle());
  }

  /**
   * Signs the key of a request for {@code caller}, who has been authenticated. The request's
   * subject is ignored; its SANs, if any, must be the caller's own identity and nothing else.
   *
   * @param validity asked for; zero or more than the setting gives the setting
   */
  public Answer sign(String csrPem, SpiffeId caller, Duration validity) {
    if (!caller.trustDomain().equals(trustDomain)) {
      return new Answer.Refused(caller + " is not of trust domain " + trustDomain);
    }
    PublicKey key;
    try {
      JcaPKCS10CertificationRequest csr =
          new JcaPKCS10CertificationRequest(Pem.decode("CERTIFICATE REQUEST", csrPem));
      key = csr.getPublicKey();
      if (!csr.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
        return new Answer.Refused("the CSR is not signed by its own key");
      }
      for (String name : requestedNames(csr)) {
        if (!name.equals(caller.toString())) {
          return new Answer.Refused(
              "the CSR asks for "
                  + name
                  + ", but the caller is "
                  + caller
                  + ": a workload may ask only for its own identity");
        }
      }
    } catch (GeneralSecurityException
        | IOException
        | PKCSException
        | OperatorCreationException
        | RuntimeException malformed) {
      // BouncyCastle answers some malformed ASN.1 with unchecked exceptions.
      return new Answer.Refused("the CSR does not parse: " + malformed.getMessage());
    }
    return keyProblem(key)
        .<Answer>map(Answer.Refused::new)
        .orElseGet(() -> issued(key, new GeneralNames(uri(caller)), validity));
  }

  /**
   * A key made here and its certificate, for a server of the control plane itself.
   *
   * @param dnsNames and {@code ipAddresses} (literal) by which clients call it
   */
  public IdentityMaterial serverIdentity(
      SpiffeId self, List<String> dnsNames, List<String> ipAddresses) {
    List<GeneralName> names = new ArrayList<>();
    names.add(uri(self));
    dnsNames.forEach(n -> names.add(new GeneralName(GeneralName.dNSName, n)));
    ipAddresses.forEach(a -> names.add(new GeneralName(GeneralName.iPAddress, a)));
    try {
      KeyPair pair = KeyPairs.create(random);
      List<X509Certificate> chain =
          issued(
                  pair.getPublic(),
                  new GeneralNames(names.toArray(GeneralName[]::new)),
                  Duration.ZERO)
              .chain();
      return new IdentityMaterial(
          pair.getPrivate(), chain.subList(0, 1 + signing.chain().size()), trustBundle());
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException("this JDK makes no P-256 keys", broken);
    }
  }

  private Answer.Issued issued(PublicKey key, GeneralNames names, Duration validity) {
    Duration lifetime =
        validity.isPositive() && validity.compareTo(longest) < 0 ? validity : longest;
    Instant now = clock.instant();
    Instant end = now.plus(lifetime);
    Instant issuerEnd = signing.certificate().getNotAfter().toInstant();
    try {
      X509Certificate leaf =
          Certificates.leaf(
              names,
              key,
              signing.certificate(),
              signing.key(),
              now,
              end.isBefore(issuerEnd) ? end : issuerEnd,
              random);
      List<X509Certificate> chain = new ArrayList<>(List.of(leaf));
      chain.addAll(signing.chain());
      signing.anchor().filter(anchor -> !chain.contains(anchor)).ifPresent(chain::add);
      return new Answer.Issued(chain);
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException("the issuing key no longer signs", broken);
    }
  }

  private static GeneralName uri(SpiffeId id) {
    return new GeneralName(GeneralName.uniformResourceIdentifier, id.toString());
  }

  private static List<String> requestedNames(JcaPKCS10CertificationRequest csr) {
    GeneralNames names =
        GeneralNames.fromExtensions(csr.getRequestedExtensions(), Extension.subjectAlternativeName);
    List<String> texts = new ArrayList<>();
    if (names != null) {
      for (GeneralName name : names.getNames()) {
        texts.add(
            name.getTagNo() == GeneralName.uniformResourceIdentifier
                ? name.getName().toString()
                : "the name " + name);
      }
    }
    return texts;
  }

  private static java.util.Optional<String> keyProblem(PublicKey key) {
    return switch (key) {
      case ECPublicKey ec when ec.getParams().getOrder().bitLength() >= 256 ->
          java.util.Optional.empty();
      case RSAPublicKey rsa when rsa.getModulus().bitLength() >= MIN_RSA_BITS ->
          java.util.Optional.empty();
      default ->
          java.util.Optional.of(
              "the CSR's key is too weak or of an unknown kind ("
                  + key.getAlgorithm()
                  + "; expected: EC of at least 256 bits, or RSA of at least 2048)");
    };
  }
}
