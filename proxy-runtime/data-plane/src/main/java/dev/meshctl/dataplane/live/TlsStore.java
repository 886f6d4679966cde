package dev.meshctl.dataplane.live;

import dev.meshctl.dataplane.upstream.Cluster;
import dev.meshctl.dataplane.upstream.UpstreamTransport;
import dev.meshctl.model.xds.DownstreamTls;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SecretConfig.Material.Certificate;
import dev.meshctl.model.xds.UpstreamTls;
import dev.meshctl.net.tls.IdentityMaterial;
import dev.meshctl.net.tls.PemIdentity;
import dev.meshctl.net.tls.TlsContexts;
import io.netty.handler.ssl.SslContext;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Makes TLS contexts, and keeps those whose settings, identity and trust stay the same: a context
 * that is kept keeps its sessions.
 *
 * <p>Thread: one caller at a time.
 */
final class TlsStore {
  private Optional<IdentityMaterial> identity;
  private Map<String, String> bundles = Map.of();
  private Map<String, Certificate> certificates = Map.of();
  private final Map<Certificate, IdentityMaterial> parsed = new HashMap<>();
  private Map<Object, SslContext> contexts = new HashMap<>();
  private Map<Object, SslContext> next = new HashMap<>();
  private Map<UpstreamKey, Cluster.Tls> upstream = new HashMap<>();
  private Map<UpstreamKey, Cluster.Tls> nextUpstream = new HashMap<>();

  private record ServerKey(DownstreamTls tls, IdentityMaterial identity, String bundle) {}

  private record UpstreamKey(
      UpstreamTls tls, boolean onlyMesh, Optional<IdentityMaterial> identity, String bundle) {}

  TlsStore(Optional<IdentityMaterial> identity) {
    this.identity = identity;
  }

  void identity(IdentityMaterial newer) {
    identity = Optional.of(newer);
  }

  /** Our SPIFFE ID, empty where we have none. */
  String ownUri() {
    return identity
        .map(own -> dev.meshctl.net.tls.PeerIdentity.of(own.chain().getFirst()).uri())
        .orElse("");
  }

  /** A compilation begins, with these bundles and these certificates. */
  void begin(Map<String, String> trustBundles, Map<String, Certificate> named) {
    bundles = Map.copyOf(trustBundles);
    certificates = Map.copyOf(named);
    parsed.keySet().retainAll(named.values());
    next = new HashMap<>();
    nextUpstream = new HashMap<>();
  }

  /** The compilation is in force: what it did not ask for goes. */
  void commit() {
    contexts = next;
    upstream = nextUpstream;
  }

  /**
   * @throws SSLException says what is missing or wrong
   */
  SslContext server(DownstreamTls tls) throws SSLException {
    IdentityMaterial own = own(tls.certificateSecret());
    ServerKey key = new ServerKey(tls, own, bundles.getOrDefault(tls.trustSecret(), ""));
    SslContext context = contexts.get(key);
    if (context == null) {
      List<X509Certificate> trust =
          tls.trustSecret().isEmpty() ? List.of() : trust(tls.trustSecret());
      context = TlsContexts.server(tls, own, trust);
    }
    next.put(key, context);
    return context;
  }

  /**
   * @param onlyMesh plain to endpoints that do not speak the mesh's TLS
   * @throws SSLException says what is missing or wrong
   */
  Cluster.Tls client(UpstreamTls tls, boolean onlyMesh) throws SSLException {
    Optional<IdentityMaterial> own =
        tls.certificateSecret().isEmpty()
            ? Optional.empty()
            : Optional.of(own(tls.certificateSecret()));
    UpstreamKey key =
        new UpstreamKey(tls, onlyMesh, own, bundles.getOrDefault(tls.trustSecret(), ""));
    Cluster.Tls transports = upstream.get(key);
    if (transports == null) {
      List<X509Certificate> trust = tls.unverified() ? List.of() : trust(tls.trustSecret());
      transports =
          new Cluster.Tls(
              transport(tls, own, trust, http1(tls.alpn())),
              transport(tls, own, trust, http2(tls.alpn())),
              transport(tls, own, trust, http1(tls.alpn())),
              onlyMesh);
    }
    nextUpstream.put(key, transports);
    return transports;
  }

  private static UpstreamTransport transport(
      UpstreamTls tls,
      Optional<IdentityMaterial> own,
      List<X509Certificate> trust,
      List<String> alpn)
      throws SSLException {
    return new UpstreamTransport.Tls(TlsContexts.client(tls, own, trust, alpn), tls.sni());
  }

  private static boolean isHttp2(String protocol) {
    return protocol.equals("h2") || protocol.endsWith("-h2");
  }

  private static List<String> http1(List<String> alpn) {
    return alpn.stream().filter(protocol -> !isHttp2(protocol)).toList();
  }

  /** What the peer may choose must be what we will speak. */
  private static List<String> http2(List<String> alpn) {
    if (alpn.stream().noneMatch(TlsStore::isHttp2)) {
      List<String> with = new ArrayList<>(alpn);
      with.removeIf(protocol -> protocol.startsWith("http/1"));
      with.addFirst("h2");
      return with;
    }
    return alpn.stream().filter(protocol -> !protocol.startsWith("http/1")).toList();
  }

  private IdentityMaterial own(String secret) throws SSLException {
    Certificate named = certificates.get(secret);
    if (named != null) {
      IdentityMaterial known = parsed.get(named);
      if (known == null) {
        known = PemIdentity.parse(secret, named.chainPem(), named.keyPem());
        parsed.put(named, known);
      }
      return known;
    }
    if (!secret.equals(SecretConfig.OWN_CERTIFICATE)) {
      throw new SSLException("certificate secret: " + secret + " is not in the snapshot");
    }
    return identity.orElseThrow(
        () -> new SSLException("certificate secret: " + secret + " has not been issued yet"));
  }

  private List<X509Certificate> trust(String secret) throws SSLException {
    String pem = bundles.get(secret);
    if (pem != null) {
      return PemIdentity.certificates("trust secret: " + secret, pem);
    }
    if (secret.isEmpty()) {
      return platformTrust();
    }
    if (secret.equals(SecretConfig.TRUST_BUNDLE) && identity.isPresent()) {
      return identity.get().trustBundle();
    }
    throw new SSLException("trust secret: " + secret + " is not in the snapshot");
  }

  private static List<X509Certificate> platformTrust() throws SSLException {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init((KeyStore) null);
      List<X509Certificate> roots = new ArrayList<>();
      for (TrustManager each : factory.getTrustManagers()) {
        if (each instanceof X509TrustManager manager) {
          roots.addAll(List.of(manager.getAcceptedIssuers()));
        }
      }
      return roots;
    } catch (GeneralSecurityException e) {
      throw new SSLException("the platform's trust store: " + e.getMessage(), e);
    }
  }
}
