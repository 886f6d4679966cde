package dev.meshctl.model.xds;

/**
 * {@code envoy.extensions.transport_sockets.tls.v3.Secret}. Only trust bundles travel: a private
 * key never leaves the process that made it, so a workload's certificate ({@link #OWN_CERTIFICATE})
 * is a local secret of the proxy.
 *
 * @param trustBundlePem PEM certificates
 */
public record SecretConfig(String name, String trustBundlePem) implements XdsResource {
  public static final String OWN_CERTIFICATE = "default";
  public static final String TRUST_BUNDLE = "ROOTCA";
}
