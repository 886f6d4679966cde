package dev.meshctl.model.wire;

import dev.meshctl.model.xds.SecretConfig;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;

/** {@link SecretConfig} to and from {@code Secret.validation_context.trusted_ca}. */
final class SecretCodec {
  private static final KnownFields SECRET =
      KnownFields.of(Secret.getDescriptor(), "name", "validation_context");
  private static final KnownFields CONTEXT =
      KnownFields.of(CertificateValidationContext.getDescriptor(), "trusted_ca");

  private SecretCodec() {}

  static Secret encode(SecretConfig secret) {
    return Secret.newBuilder()
        .setName(secret.name())
        .setValidationContext(
            CertificateValidationContext.newBuilder()
                .setTrustedCa(DataSource.newBuilder().setInlineString(secret.trustBundlePem())))
        .build();
  }

  static SecretConfig decode(Reading reading, Secret secret) {
    reading.expect("", secret, SECRET);
    CertificateValidationContext context = secret.getValidationContext();
    reading.expect("validation_context", context, CONTEXT);
    DataSource source = context.getTrustedCa();
    String pem =
        switch (source.getSpecifierCase()) {
          case INLINE_STRING -> source.getInlineString();
          case INLINE_BYTES -> source.getInlineBytes().toStringUtf8();
          case FILENAME, ENVIRONMENT_VARIABLE, SPECIFIER_NOT_SET -> {
            reading.refuse(
                "validation_context.trusted_ca",
                source.getSpecifierCase() + " (expected: inline_string or inline_bytes)");
            yield "";
          }
        };
    return new SecretConfig(secret.getName(), pem);
  }
}
