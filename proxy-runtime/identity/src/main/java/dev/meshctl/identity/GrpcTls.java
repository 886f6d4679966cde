package dev.meshctl.identity;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;

/**
 * TLS of the gRPC between proxies and control plane: HTTP/2 by ALPN, TLS 1.2 and newer, BoringSSL
 * where it loads, else the JDK's.
 */
public final class GrpcTls {
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  private GrpcTls() {}

  /**
   * A server that presents {@code identity} and verifies a client's certificate where it shows one:
   * whether a call needs one is the service's decision ({@link Caller}).
   */
  public static SslContext server(CurrentIdentity identity, List<X509Certificate> trustBundle)
      throws IdentityException {
    return build(
        SslContextBuilder.forServer(identity.keyManager())
            .trustManager(trustBundle)
            .clientAuth(ClientAuth.OPTIONAL));
  }

  /**
   * A client that verifies the server by {@code trustBundle} alone.
   *
   * @param identity presented where given and present
   */
  public static SslContext client(
      List<X509Certificate> trustBundle, Optional<CurrentIdentity> identity)
      throws IdentityException {
    SslContextBuilder builder = SslContextBuilder.forClient().trustManager(trustBundle);
    identity.ifPresent(i -> builder.keyManager(i.keyManager()));
    return build(builder);
  }

  /**
   * As {@link #client(List, Optional)}, by the roots that are trusted when a connection is made.
   *
   * @param trusted asked for at each handshake
   */
  public static SslContext client(
      Supplier<List<X509Certificate>> trusted, Optional<CurrentIdentity> identity)
      throws IdentityException {
    try {
      SslContextBuilder builder =
          SslContextBuilder.forClient().trustManager(new ChangingTrust(trusted));
      identity.ifPresent(i -> builder.keyManager(i.keyManager()));
      return build(builder);
    } catch (GeneralSecurityException unusable) {
      throw new IdentityException("TLS cannot be set up: " + unusable.getMessage(), unusable);
    }
  }

  private static SslContext build(SslContextBuilder builder) throws IdentityException {
    try {
      SslProvider provider = OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
      return GrpcSslContexts.configure(builder, provider).protocols(PROTOCOLS).build();
    } catch (SSLException unusable) {
      throw new IdentityException("TLS cannot be set up: " + unusable.getMessage(), unusable);
    }
  }
}
