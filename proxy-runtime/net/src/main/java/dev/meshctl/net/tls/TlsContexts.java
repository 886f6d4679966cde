package dev.meshctl.net.tls;

import dev.meshctl.model.xds.DownstreamTls;
import dev.meshctl.model.xds.TlsParameters;
import dev.meshctl.model.xds.UpstreamTls;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.net.ssl.SSLException;

/**
 * TLS contexts of the mesh: TLS 1.3, 1.2 for older peers, session tickets, BoringSSL where it
 * loads.
 *
 * <p>Keys of session tickets are made in the process and never leave it: BoringSSL draws new ones
 * every two days and takes tickets of the last ones for as long. A context of its own (another
 * identity, another trust) has keys of its own, so that a ticket does not outlive what it stood
 * for.
 *
 * <p>Thread: any.
 */
public final class TlsContexts {
  /**
   * Authenticated encryption with forward secrecy, nothing else. The library's own list would also
   * take CBC modes and a key exchange by RSA.
   */
  private static final List<String> CIPHERS =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  private static final List<String> CIPHERS_OF_1_3 = CIPHERS.subList(0, 3);

  /**
   * Netty hands the key over in a store of this type, in memory only. PKCS#12, the default, would
   * encrypt and decrypt it with 10,000 rounds of PBKDF2 for each context: seconds of a start.
   */
  private static final String KEY_STORE = "JKS";

  private static final System.Logger LOG = System.getLogger(TlsContexts.class.getName());
  private static final SslProvider PROVIDER = choose();

  private TlsContexts() {}

  private static SslProvider choose() {
    if (OpenSsl.isAvailable()) {
      return SslProvider.OPENSSL;
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "BoringSSL cannot load, TLS costs more than twice the CPU: {0}",
        String.valueOf(OpenSsl.unavailabilityCause()));
    return SslProvider.JDK;
  }

  /** Who does the cryptography. */
  public static SslProvider provider() {
    return PROVIDER;
  }

  /**
   * Towards clients, who are verified against {@code trust} where they show a certificate.
   *
   * @throws SSLException where key, certificates or ALPN cannot be used
   */
  public static SslContext server(
      DownstreamTls tls, IdentityMaterial identity, List<X509Certificate> trust)
      throws SSLException {
    SslContextBuilder builder =
        SslContextBuilder.forServer(
                identity.key(), identity.chain().toArray(X509Certificate[]::new))
            .sslProvider(PROVIDER)
            .keyStoreType(KEY_STORE)
            .applicationProtocolConfig(alpn(tls.alpn()));
    apply(tls.parameters(), builder);
    if (!tls.trustSecret().isEmpty()) {
      builder
          .trustManager(trust(trust, tls.clientSans()))
          .clientAuth(tls.requireClientCertificate() ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL);
    }
    SslContext context = builder.build();
    if (context.sessionContext() instanceof OpenSslServerSessionContext sessions) {
      if (!tls.withoutTickets()) {
        sessions.setTicketKeys();
      }
      if (tls.withoutSessions()) {
        sessions.setSessionCacheEnabled(false);
      }
    }
    return context;
  }

  private static void apply(TlsParameters parameters, SslContextBuilder to) {
    to.protocols(
        IntStream.rangeClosed(parameters.least().ordinal(), parameters.most().ordinal())
            .mapToObj(version -> name(TlsParameters.Version.values()[version]))
            .toArray(String[]::new));
    List<String> ciphers = CIPHERS;
    if (!parameters.ciphers().isEmpty()) {
      ciphers = new ArrayList<>(CIPHERS_OF_1_3);
      ciphers.addAll(parameters.ciphers());
    }
    to.ciphers(ciphers, SupportedCipherSuiteFilter.INSTANCE);
    if (!parameters.curves().isEmpty() && PROVIDER == SslProvider.OPENSSL) {
      to.option(OpenSslContextOption.GROUPS, parameters.curves().toArray(String[]::new));
    }
  }

  private static String name(TlsParameters.Version version) {
    return switch (version) {
      case TLS_1_2 -> "TLSv1.2";
      case TLS_1_3 -> "TLSv1.3";
    };
  }

  /**
   * Towards a server, verified against {@code trust} and {@link UpstreamTls#serverSans} unless it
   * is {@link UpstreamTls#unverified}.
   *
   * @param identity shown to the server if it asks
   * @param alpn offered, in order of preference
   * @throws SSLException where key, certificates or ALPN cannot be used
   */
  public static SslContext client(
      UpstreamTls tls,
      Optional<IdentityMaterial> identity,
      List<X509Certificate> trust,
      List<String> alpn)
      throws SSLException {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(PROVIDER)
            .keyStoreType(KEY_STORE)
            // Names are verified by our trust manager; Netty would compare the host name too.
            .endpointIdentificationAlgorithm(null)
            .applicationProtocolConfig(alpn(alpn));
    apply(tls.parameters(), builder);
    if (tls.unverified()) {
      builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
    } else {
      builder.trustManager(trust(trust, tls.serverSans()));
    }
    identity.ifPresent(
        own -> builder.keyManager(own.key(), own.chain().toArray(X509Certificate[]::new)));
    return builder.build();
  }

  private static MeshTrust trust(List<X509Certificate> roots, List<String> names)
      throws SSLException {
    try {
      return new MeshTrust(roots, names);
    } catch (GeneralSecurityException e) {
      throw new SSLException("trust bundle cannot be used: " + e.getMessage(), e);
    }
  }

  private static ApplicationProtocolConfig alpn(List<String> protocols) {
    return protocols.isEmpty()
        ? ApplicationProtocolConfig.DISABLED
        : new ApplicationProtocolConfig(
            Protocol.ALPN,
            SelectorFailureBehavior.NO_ADVERTISE,
            SelectedListenerFailureBehavior.ACCEPT,
            protocols);
  }
}
