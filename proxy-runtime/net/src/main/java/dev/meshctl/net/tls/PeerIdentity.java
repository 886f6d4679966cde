package dev.meshctl.net.tls;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Who a verified peer is.
 *
 * @param uri first URI SAN, a SPIFFE ID in a mesh; empty where the certificate has none; interned
 * @param subject distinguished name, RFC 2253
 * @param sha256Hex of the certificate
 * @param names all it can be told by: URI SANs, then DNS SANs, then the subject
 */
public record PeerIdentity(String uri, String subject, String sha256Hex, List<String> names) {
  private static final int URI_NAME = 6;
  private static final int DNS_NAME = 2;

  public PeerIdentity {
    names = List.copyOf(names);
  }

  /**
   * The client of a server's {@code engine} whose handshake is over, empty where it showed no
   * certificate.
   */
  public static Optional<PeerIdentity> ofClient(SSLEngine engine) {
    if (!engine.getNeedClientAuth() && !engine.getWantClientAuth()) {
      // Not asked for: the session would throw, for each connection of an edge.
      return Optional.empty();
    }
    try {
      Certificate[] chain = engine.getSession().getPeerCertificates();
      return chain.length > 0 && chain[0] instanceof X509Certificate leaf
          ? Optional.of(of(leaf))
          : Optional.empty();
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }

  public static PeerIdentity of(X509Certificate leaf) {
    List<String> uris = alternativeNames(leaf, URI_NAME);
    String subject = leaf.getSubjectX500Principal().getName();
    List<String> names = new ArrayList<>(uris);
    names.addAll(alternativeNames(leaf, DNS_NAME));
    names.add(subject);
    return new PeerIdentity(
        uris.isEmpty() ? "" : uris.getFirst().intern(), subject, fingerprint(leaf), names);
  }

  private static String fingerprint(X509Certificate leaf) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(leaf.getEncoded()));
    } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One of {@code wanted} is a URI or DNS alternative name of {@code leaf}. */
  static boolean isAnyOf(X509Certificate leaf, List<String> wanted) {
    return alternativeNames(leaf, URI_NAME).stream().anyMatch(wanted::contains)
        || alternativeNames(leaf, DNS_NAME).stream().anyMatch(wanted::contains);
  }

  static List<String> alternativeNames(X509Certificate leaf, int type) {
    try {
      Collection<List<?>> names = leaf.getSubjectAlternativeNames();
      List<String> found = new ArrayList<>();
      if (names != null) {
        for (List<?> name : names) {
          if (name.get(0) instanceof Integer kind
              && kind == type
              && name.get(1) instanceof String text) {
            found.add(text);
          }
        }
      }
      return found;
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }
}
