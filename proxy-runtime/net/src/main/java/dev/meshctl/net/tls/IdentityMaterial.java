package dev.meshctl.net.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A workload's identity as TLS needs it. The key was made in this process and never leaves it.
 *
 * @param chain leaf first
 * @param trustBundle roots that verify peers
 */
public record IdentityMaterial(
    PrivateKey key, List<X509Certificate> chain, List<X509Certificate> trustBundle) {
  public IdentityMaterial {
    chain = List.copyOf(chain);
    trustBundle = List.copyOf(trustBundle);
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "IdentityMaterial[" + chain.getFirst().getSubjectX500Principal() + "]";
  }
}
