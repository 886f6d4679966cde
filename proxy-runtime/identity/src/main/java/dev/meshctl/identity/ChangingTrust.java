package dev.meshctl.identity;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Verifies a server, host name included, by the roots that are trusted at that moment: a channel
 * that stays open for days connects again by those of the day.
 *
 * <p>Thread: any.
 */
final class ChangingTrust extends X509ExtendedTrustManager {
  private final Supplier<List<X509Certificate>> roots;
  private volatile Verifier verifier;

  private record Verifier(List<X509Certificate> roots, X509ExtendedTrustManager manager) {
    static Verifier of(List<X509Certificate> roots) throws GeneralSecurityException {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      try {
        store.load(null, null);
      } catch (IOException impossible) {
        throw new GeneralSecurityException(impossible);
      }
      for (int i = 0; i < roots.size(); i++) {
        store.setCertificateEntry("root-" + i, roots.get(i));
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(store);
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509ExtendedTrustManager found) {
          return new Verifier(roots, found);
        }
      }
      throw new GeneralSecurityException("this JDK has no PKIX trust manager");
    }
  }

  /**
   * @param roots asked for at each handshake; never empty
   */
  ChangingTrust(Supplier<List<X509Certificate>> roots) throws GeneralSecurityException {
    this.roots = roots;
    this.verifier = Verifier.of(roots.get());
  }

  private X509ExtendedTrustManager now() throws CertificateException {
    List<X509Certificate> trusted = roots.get();
    Verifier known = verifier;
    if (!known.roots.equals(trusted)) {
      try {
        known = Verifier.of(trusted);
      } catch (GeneralSecurityException unusable) {
        throw new CertificateException(unusable);
      }
      verifier = known;
    }
    return known.manager;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    now().checkServerTrusted(chain, type, engine);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    now().checkServerTrusted(chain, type, socket);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    now().checkServerTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    now().checkClientTrusted(chain, type, engine);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    now().checkClientTrusted(chain, type, socket);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    now().checkClientTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return roots.get().toArray(X509Certificate[]::new);
  }
}
