package dev.meshctl.net.tls;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Verifies a peer's chain against given roots, and its alternative names against a list. Host names
 * play no part: in a mesh the SPIFFE ID is the name.
 *
 * <p>Thread: any; immutable.
 */
final class MeshTrust extends X509ExtendedTrustManager {
  private final X509TrustManager chain;
  private final List<String> names;

  /**
   * @param names any of them must be in the certificate; empty takes each verified one
   */
  MeshTrust(List<X509Certificate> roots, List<String> names) throws GeneralSecurityException {
    this.chain = verifier(roots);
    this.names = names;
  }

  private static X509TrustManager verifier(List<X509Certificate> roots)
      throws GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    try {
      store.load(null, null);
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
    for (int i = 0; i < roots.size(); i++) {
      store.setCertificateEntry("root-" + i, roots.get(i));
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager found) {
        return found;
      }
    }
    throw new GeneralSecurityException("this JDK has no PKIX trust manager");
  }

  private void checkNames(X509Certificate[] peer) throws CertificateException {
    if (!names.isEmpty() && !PeerIdentity.isAnyOf(peer[0], names)) {
      throw new CertificateException(
          "peer " + PeerIdentity.of(peer[0]).uri() + " is none of " + names);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] peer, String type) throws CertificateException {
    chain.checkClientTrusted(peer, type);
    checkNames(peer);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] peer, String type) throws CertificateException {
    chain.checkServerTrusted(peer, type);
    checkNames(peer);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] peer, String type, Socket socket)
      throws CertificateException {
    checkClientTrusted(peer, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] peer, String type, Socket socket)
      throws CertificateException {
    checkServerTrusted(peer, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] peer, String type, SSLEngine engine)
      throws CertificateException {
    checkClientTrusted(peer, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] peer, String type, SSLEngine engine)
      throws CertificateException {
    checkServerTrusted(peer, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return chain.getAcceptedIssuers();
  }
}
