package dev.meshctl.model.xds;

/**
 * {@code envoy.extensions.transport_sockets.tls.v3.Secret}. A workload's own certificate ({@link
 * #OWN_CERTIFICATE}) is a local secret of its proxy, and never travels: its private key does not
 * leave the process that made it. What travels are trust bundles, and to a gateway the
 * certificates, with their keys, that its servers name ({@code kubernetes://NAMESPACE/NAME}).
 */
public record SecretConfig(String name, Material material) implements XdsResource {
  public static final String OWN_CERTIFICATE = "default";
  public static final String TRUST_BUNDLE = "ROOTCA";

  /** How the names begin of what stood in a listener or cluster itself; a hash of it follows. */
  public static final String INLINE = "inline:";

  /**
   * How the names begin of what a certificate provider of the client gives ({@code
   * certificate_providers} in the bootstrap of gRPC, gRFC A29); the name of the instance follows.
   */
  public static final String PROVIDED = "provided:";

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
