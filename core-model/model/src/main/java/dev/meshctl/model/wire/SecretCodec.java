package dev.meshctl.model.wire;

import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SecretConfig.Material;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;

/**
 * {@link SecretConfig} to and from {@code Secret}: trust in {@code validation_context.trusted_ca},
 * a certificate in {@code tls_certificate}.
 */
final class SecretCodec {
  private static final KnownFields SECRET =
      KnownFields.of(Secret.getDescriptor(), "name", "validation_context", "tls_certificate");
  private static final KnownFields CONTEXT =
      KnownFields.of(CertificateValidationContext.getDescriptor(), "trusted_ca");
  private static final KnownFields CERTIFICATE =
      KnownFields.of(TlsCertificate.getDescriptor(), "certificate_chain", "private_key");

  private SecretCodec() {}

  static Secret encode(SecretConfig secret) {
    Secret.Builder message = Secret.newBuilder().setName(secret.name());
    switch (secret.material()) {
      case Material.TrustBundle(var pem) ->
          message.getValidationContextBuilder().setTrustedCa(inline(pem));
      case Material.Certificate(var chain, var key) ->
          message
              .getTlsCertificateBuilder()
              .setCertificateChain(inline(chain))
              .setPrivateKey(inline(key));
    }
    return message.build();
  }

  private static DataSource inline(String text) {
    return DataSource.newBuilder().setInlineString(text).build();
  }

  static SecretConfig decode(Reading reading, Secret secret) {
    reading.expect("", secret, SECRET);
    if (secret.hasTlsCertificate()) {
      if (!reading.standsAlone() && secret.getName().equals(SecretConfig.OWN_CERTIFICATE)) {
        // A workload's private key never leaves the process that made it.
        reading.refuse("tls_certificate", "the workload's own is not taken (expected: not set)");
      }
      return new SecretConfig(
          secret.getName(), certificate(reading, "tls_certificate", secret.getTlsCertificate()));
    }
    CertificateValidationContext context = secret.getValidationContext();
    reading.expect("validation_context", context, CONTEXT);
    return new SecretConfig(
        secret.getName(), reading.text("validation_context.trusted_ca", context.getTrustedCa()));
  }

  /** The certificate at {@code path} in another resource. */
  static Material inlineCertificate(Reading reading, String path, TlsCertificate message) {
    if (!reading.standsAlone()) {
      // In a mesh keys come as secrets of their own, to those that may have them.
      reading.refuse(path, "not supported (expected: not set)");
      return new Material.Certificate("", "");
    }
    return certificate(reading, path, message);
  }

  private static Material certificate(Reading reading, String path, TlsCertificate message) {
    reading.expect(path, message, CERTIFICATE);
    return new Material.Certificate(
        reading.text(path + ".certificate_chain", message.getCertificateChain()),
        reading.text(path + ".private_key", message.getPrivateKey()));
  }
}
