package dev.meshctl.model.xds;

/**
 * {@code envoy.extensions.transport_sockets.tls.v3.Secret}. In a mesh only trust bundles travel: a
 * private key never leaves the process that made it, so a workload's certificate ({@link
 * #OWN_CERTIFICATE}) is a local secret of the proxy. Certificates with their keys come from the
 * bootstrap of a proxy that runs alone, and from other xDS servers.
 */
public record SecretConfig(String name, Material material) implements XdsResource {
  public static final String OWN_CERTIFICATE = "default";
  public static final String TRUST_BUNDLE = "ROOTCA";

  /** How the names begin of what stood in a listener or cluster itself; a hash of it follows. */
  public static final String INLINE = "inline:";

  /** A trust bundle; {@code trustBundlePem} are PEM certificates. */
  public SecretConfig(String name, String trustBundlePem) {
    this(name, new Material.TrustBundle(trustBundlePem));
  }

  /** What is secret, in PEM. */
  public sealed interface Material {
    /** Certificates that verify peers. */
    record TrustBundle(String pem) implements Material {}

    /** A certificate of ours, leaf first, and its private key. */
    record Certificate(String chainPem, String keyPem) implements Material {
      /** Without the key. */
      @Override
      public String toString() {
        return "Certificate[" + chainPem + "]";
      }
    }
  }
}
