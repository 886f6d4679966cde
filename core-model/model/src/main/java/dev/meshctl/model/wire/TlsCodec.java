package dev.meshctl.model.wire;

import com.google.protobuf.BoolValue;
import com.google.protobuf.Message;
import dev.meshctl.model.xds.DownstreamTls;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SecretConfig.Material;
import dev.meshctl.model.xds.TlsParameters;
import dev.meshctl.model.xds.UpstreamTls;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateProviderPluginInstance;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher.SanType;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@link DownstreamTls} and {@link UpstreamTls} to and from transport sockets.
 *
 * <p>Our own certificate ({@link SecretConfig#OWN_CERTIFICATE}) is written without a source, so a
 * proxy takes it from its own static secrets; every other secret comes over ADS.
 */
final class TlsCodec {
  static final String TLS = "envoy.transport_sockets.tls";
  static final String RAW = "envoy.transport_sockets.raw_buffer";

  /** The trust store of the platform, where Debian, Ubuntu and Alpine keep it. */
  static final String PLATFORM_ROOTS = "/etc/ssl/certs/ca-certificates.crt";

  private static final KnownFields DOWNSTREAM =
      KnownFields.of(
              DownstreamTlsContext.getDescriptor(),
              "common_tls_context",
              "require_client_certificate",
              "disable_stateless_session_resumption",
              "disable_stateful_session_resumption")
          .leavingAside(
              "session_timeout", "full_scan_certs_on_sni_mismatch", "prefer_client_ciphers");
  private static final KnownFields UPSTREAM =
      KnownFields.of(UpstreamTlsContext.getDescriptor(), "common_tls_context", "sni")
          .leavingAside("allow_renegotiation", "max_session_keys", "enforce_rsa_key_usage");
  private static final KnownFields COMMON =
      KnownFields.of(
              CommonTlsContext.getDescriptor(),
              "tls_certificates",
              "tls_certificate_sds_secret_configs",
              "validation_context",
              "validation_context_sds_secret_config",
              "combined_validation_context",
              "alpn_protocols",
              "tls_params")
          .leavingAside("key_log");
  private static final KnownFields VALIDATION =
      KnownFields.of(
          CertificateValidationContext.getDescriptor(),
          "match_typed_subject_alt_names",
          "match_subject_alt_names",
          "trusted_ca");

  private TlsCodec() {}

  static TransportSocket encode(DownstreamTls tls) {
    DownstreamTlsContext.Builder context = DownstreamTlsContext.newBuilder();
    CommonTlsContext.Builder common = context.getCommonTlsContextBuilder();
    common.addAllAlpnProtocols(tls.alpn());
    certificate(common, tls.certificateSecret());
    if (!tls.trustSecret().isEmpty()) {
      verification(common, tls.trustSecret(), tls.clientSans());
      // Said also where it is not required: Envoy will change what nothing means.
      context.setRequireClientCertificate(BoolValue.of(tls.requireClientCertificate()));
    }
    if (tls.withoutTickets()) {
      context.setDisableStatelessSessionResumption(true);
    }
    parameters(common, tls.parameters());
    return socket(TLS, context.setDisableStatefulSessionResumption(tls.withoutSessions()).build());
  }

  static TransportSocket encode(UpstreamTls tls) {
    UpstreamTlsContext.Builder context = UpstreamTlsContext.newBuilder().setSni(tls.sni());
    CommonTlsContext.Builder common = context.getCommonTlsContextBuilder();
    common.addAllAlpnProtocols(tls.alpn());
    certificate(common, tls.certificateSecret());
    parameters(common, tls.parameters());
    if (tls.unverified()) {
      return socket(TLS, context.build());
    }
    if (tls.trustSecret().isEmpty()) {
      CertificateValidationContext.Builder platform = names(tls.serverSans()).toBuilder();
      platform.getTrustedCaBuilder().setFilename(PLATFORM_ROOTS);
      common.setValidationContext(platform);
    } else {
      verification(common, tls.trustSecret(), tls.serverSans());
    }
    return socket(TLS, context.build());
  }

  /** No TLS, said explicitly. */
  static TransportSocket plaintext() {
    return socket(RAW, RawBuffer.getDefaultInstance());
  }

  private static TransportSocket socket(String name, Message config) {
    return TransportSocket.newBuilder().setName(name).setTypedConfig(Packing.pack(config)).build();
  }

  private static void parameters(CommonTlsContext.Builder common, TlsParameters parameters) {
    if (!parameters.equals(TlsParameters.DEFAULT)) {
      common.setTlsParams(TlsParametersCodec.encode(parameters));
    }
  }

  /** Empty where it comes otherwise than by a certificate provider of the client. */
  private static Optional<CertificateProviderPluginInstance> provider(String secret) {
    return secret.startsWith(SecretConfig.PROVIDED)
        ? Optional.of(
            CertificateProviderPluginInstance.newBuilder()
                .setInstanceName(secret.substring(SecretConfig.PROVIDED.length()))
                .build())
        : Optional.empty();
  }

  private static void certificate(CommonTlsContext.Builder common, String secret) {
    Optional<CertificateProviderPluginInstance> provider = provider(secret);
    if (provider.isPresent()) {
      common.setTlsCertificateProviderInstance(provider.get());
    } else if (!secret.isEmpty()) {
      common.addTlsCertificateSdsSecretConfigs(
          secret.equals(SecretConfig.OWN_CERTIFICATE)
              ? SdsSecretConfig.newBuilder().setName(secret)
              : SdsSecretConfig.newBuilder().setName(secret).setSdsConfig(Packing.ADS));
    }
  }

  private static void verification(
      CommonTlsContext.Builder common, String trustSecret, List<String> sans) {
    Optional<CertificateProviderPluginInstance> provider = provider(trustSecret);
    if (provider.isPresent()) {
      // gRPC looks at the names of this older field only.
      CertificateValidationContext.Builder context = CertificateValidationContext.newBuilder();
      sans.forEach(
          san -> context.addMatchSubjectAltNames(StringMatcher.newBuilder().setExact(san)));
      common.setValidationContext(context.setCaCertificateProviderInstance(provider.get()));
      return;
    }
    common.setCombinedValidationContext(
        CombinedCertificateValidationContext.newBuilder()
            .setDefaultValidationContext(names(sans))
            .setValidationContextSdsSecretConfig(
                SdsSecretConfig.newBuilder().setName(trustSecret).setSdsConfig(Packing.ADS)));
  }

  private static CertificateValidationContext names(List<String> sans) {
    CertificateValidationContext.Builder context = CertificateValidationContext.newBuilder();
    for (String san : sans) {
      context.addMatchTypedSubjectAltNames(
          SubjectAltNameMatcher.newBuilder()
              .setSanType(san.contains("://") ? SanType.URI : SanType.DNS)
              .setMatcher(StringMatcher.newBuilder().setExact(san)));
    }
    return context.build();
  }

  /** TLS towards clients; empty where the socket is plaintext or was refused. */
  static Optional<DownstreamTls> downstream(Reading reading, String path, TransportSocket socket) {
    if (isPlaintext(socket)) {
      return Optional.empty();
    }
    String config = path + ".typed_config";
    return reading
        .unpack(
            config,
            socket.getTypedConfig(),
            DownstreamTlsContext.getDescriptor(),
            DownstreamTlsContext.parser())
        .map(context -> {
          reading.expect(config, context, DOWNSTREAM);
          Common common =
              common(reading, config + ".common_tls_context", context.getCommonTlsContext());
          boolean required = context.getRequireClientCertificate().getValue();
          if (required && common.trust.isEmpty()) {
            reading.refuse(
                config + ".require_client_certificate",
                "set without a trust bundle in the validation context (expected: one to verify"
                    + " clients by)");
          }
          return new DownstreamTls(
              common.certificate,
              common.trust,
              required,
              common.alpn,
              common.sans,
              common.parameters,
              context.getDisableStatelessSessionResumption(),
              context.getDisableStatefulSessionResumption());
        });
  }

  /** TLS towards an upstream; empty where the socket is plaintext or was refused. */
  static Optional<UpstreamTls> upstream(Reading reading, String path, TransportSocket socket) {
    if (isPlaintext(socket)) {
      return Optional.empty();
    }
    String config = path + ".typed_config";
    return reading
        .unpack(
            config,
            socket.getTypedConfig(),
            UpstreamTlsContext.getDescriptor(),
            UpstreamTlsContext.parser())
        .map(context -> {
          reading.expect(config, context, UPSTREAM);
          Common common =
              common(reading, config + ".common_tls_context", context.getCommonTlsContext());
          if (common.unverified) {
            reading.ignore(
                config + ".common_tls_context: no validation context, the server is not verified");
          }
          return new UpstreamTls(
              common.certificate,
              common.trust,
              context.getSni(),
              common.alpn,
              common.sans,
              common.parameters,
              common.unverified);
        });
  }

  private static boolean isPlaintext(TransportSocket socket) {
    return socket.equals(TransportSocket.getDefaultInstance())
        || Reading.holds(socket.getTypedConfig(), RawBuffer.getDescriptor());
  }

  /**
   * @param unverified nothing says whom to trust
   */
  private record Common(
      String certificate,
      String trust,
      List<String> alpn,
      List<String> sans,
      TlsParameters parameters,
      boolean unverified) {}

  private static Common common(Reading reading, String path, CommonTlsContext context) {
    reading.expect(path, context, COMMON);
    TlsParameters parameters =
        TlsParametersCodec.decode(reading, path + ".tls_params", context.getTlsParams());
    String certificate = certificate(reading, path, context);
    List<String> alpn = List.copyOf(context.getAlpnProtocolsList());
    return switch (context.getValidationContextTypeCase()) {
      case COMBINED_VALIDATION_CONTEXT -> {
        CombinedCertificateValidationContext combined = context.getCombinedValidationContext();
        String names = path + ".combined_validation_context.default_validation_context";
        secretSource(
            reading,
            path + ".combined_validation_context.validation_context_sds_secret_config",
            combined.getValidationContextSdsSecretConfig());
        yield new Common(
            certificate,
            combined.getValidationContextSdsSecretConfig().getName(),
            alpn,
            names(reading, names, combined.getDefaultValidationContext()),
            parameters,
            false);
      }
      case VALIDATION_CONTEXT_SDS_SECRET_CONFIG -> {
        secretSource(
            reading,
            path + ".validation_context_sds_secret_config",
            context.getValidationContextSdsSecretConfig());
        yield new Common(
            certificate,
            context.getValidationContextSdsSecretConfig().getName(),
            alpn,
            List.of(),
            parameters,
            false);
      }
      case VALIDATION_CONTEXT -> {
        CertificateValidationContext inline = context.getValidationContext();
        List<String> sans = names(reading, path + ".validation_context", inline);
        if (!inline.hasTrustedCa() && sans.isEmpty()) {
          yield new Common(certificate, "", alpn, sans, parameters, true);
        }
        boolean platform = inline.getTrustedCa().getFilename().equals(PLATFORM_ROOTS);
        String trust =
            platform
                ? ""
                : reading.inline(
                    new Material.TrustBundle(
                        reading.text(
                            path + ".validation_context.trusted_ca", inline.getTrustedCa())));
        yield new Common(certificate, trust, alpn, sans, parameters, false);
      }
      case VALIDATION_CONTEXT_CERTIFICATE_PROVIDER,
          VALIDATION_CONTEXT_CERTIFICATE_PROVIDER_INSTANCE,
          VALIDATIONCONTEXTTYPE_NOT_SET ->
          // The other two are refused by name, as they are no known fields.
          new Common(certificate, "", alpn, List.of(), parameters, true);
    };
  }

  private static String certificate(Reading reading, String path, CommonTlsContext context) {
    int inline = context.getTlsCertificatesCount();
    int named = context.getTlsCertificateSdsSecretConfigsCount();
    if (inline + named > 1) {
      reading.refuse(
          path + (inline > 0 ? ".tls_certificates" : ".tls_certificate_sds_secret_configs"),
          inline + named + " certificates (expected: one)");
    }
    if (inline > 0) {
      return reading.inline(
          SecretCodec.inlineCertificate(
              reading, path + ".tls_certificates[0]", context.getTlsCertificates(0)));
    }
    if (named == 0) {
      return "";
    }
    SdsSecretConfig secret = context.getTlsCertificateSdsSecretConfigs(0);
    secretSource(reading, path + ".tls_certificate_sds_secret_configs[0]", secret);
    return secret.getName();
  }

  /** Without a source a secret is one of the static ones. */
  private static void secretSource(Reading reading, String path, SdsSecretConfig secret) {
    if (secret.hasSdsConfig()) {
      reading.source(path + ".sds_config", ResourceType.SECRET, secret.getSdsConfig());
    }
  }

  private static List<String> names(
      Reading reading, String path, CertificateValidationContext context) {
    reading.expect(path, context, VALIDATION);
    List<StringMatcher> matchers = new ArrayList<>();
    context.getMatchTypedSubjectAltNamesList().forEach(typed -> matchers.add(typed.getMatcher()));
    matchers.addAll(context.getMatchSubjectAltNamesList());
    List<String> sans = new ArrayList<>();
    for (StringMatcher matcher : matchers) {
      if (!matcher.hasExact() || matcher.getIgnoreCase()) {
        reading.refuse(
            path + ".match_typed_subject_alt_names",
            matcher.getMatchPatternCase() + " (expected: an exact name)");
      }
      sans.add(matcher.getExact());
    }
    return sans;
  }
}
