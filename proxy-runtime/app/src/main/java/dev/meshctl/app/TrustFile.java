package dev.meshctl.app;

import dev.meshctl.identity.IdentityException;
import dev.meshctl.identity.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What verifies the control plane, as its file is now: roots come and go while a proxy runs. What
 * cannot be read leaves the last good ones in force.
 *
 * <p>Thread: any.
 */
final class TrustFile {
  private static final System.Logger LOG = System.getLogger(TrustFile.class.getName());

  private final Path file;
  private volatile String text;
  private volatile List<X509Certificate> roots;

  private TrustFile(Path file, String text, List<X509Certificate> roots) {
    this.file = file;
    this.text = text;
    this.roots = roots;
  }

  /**
   * @throws IdentityException where it cannot be used
   */
  static TrustFile open(Path file) throws IdentityException {
    try {
      String text = Files.readString(file);
      return new TrustFile(file, text, roots(text));
    } catch (IOException | CertificateException unusable) {
      throw new IdentityException(
          file
              + ": cannot be used as the trust bundle that verifies the control plane: "
              + unusable.getMessage()
              + "; write the control plane's root-cert.pem there",
          unusable);
    }
  }

  private static List<X509Certificate> roots(String pem) throws CertificateException {
    List<X509Certificate> roots = Pem.certificates(pem);
    if (roots.isEmpty()) {
      throw new CertificateException("no certificate in it");
    }
    return List.copyOf(roots);
  }

  /** Never empty. */
  List<X509Certificate> roots() {
    try {
      String now = Files.readString(file);
      if (!now.equals(text)) {
        roots = roots(now);
        text = now;
      }
    } catch (IOException | CertificateException unusable) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0}: cannot be used, the roots before stay in force: {1}",
          file,
          String.valueOf(unusable.getMessage()));
    }
    return roots;
  }
}
