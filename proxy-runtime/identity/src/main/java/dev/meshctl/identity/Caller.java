package dev.meshctl.identity;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Who is on the other end of a gRPC call, as proved. */
public sealed interface Caller {
  /** By a client certificate that the trust bundle verified in the handshake. */
  record Peer(SpiffeId identity) implements Caller {}

  /** By a token; enough for a first certificate and nothing else. */
  record Bearer(SpiffeId identity) implements Caller {}

  /** By an operator's token; enough to look at things. */
  record Operator() implements Caller {}

  /** Not at all; {@code reason} may be shown. */
  record Anonymous(String reason) implements Caller {}

  Context.Key<Caller> KEY =
      Context.keyWithDefault("meshctl-caller", new Anonymous("no interceptor looked"));

  /** What the caller proved himself by; empty where that was no certificate. */
  Context.Key<List<X509Certificate>> CHAIN =
      Context.keyWithDefault("meshctl-caller-chain", List.of());

  /** What the caller calls itself, within its identity; may be empty. */
  Context.Key<String> NODE_ID = Context.keyWithDefault("meshctl-caller-node", "");

  /** What the caller of the gRPC call that this thread serves calls itself; may be empty. */
  static String nodeId() {
    return NODE_ID.get();
  }

  /** The certificates of the caller of the gRPC call that this thread serves, the leaf first. */
  static List<X509Certificate> chain() {
    return CHAIN.get();
  }

  /** The caller of the gRPC call that this thread serves. */
  static Caller current() {
    return KEY.get();
  }

  /** Puts the caller of each call into its context. A certificate outweighs a token. */
  static ServerInterceptor interceptor(Tokens tokens) {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        Caller caller = of(session, headers, tokens);
        String node = headers.get(CertificateService.NODE_ID);
        return Contexts.interceptCall(
            Context.current()
                .withValue(KEY, caller)
                .withValue(CHAIN, chain(session))
                .withValue(NODE_ID, node == null ? "" : node),
            call,
            headers,
            next);
      }
    };
  }

  private static List<X509Certificate> chain(
      @org.jspecify.annotations.Nullable SSLSession session) {
    if (session == null) {
      return List.of();
    }
    try {
      return Stream.of(session.getPeerCertificates()).map(X509Certificate.class::cast).toList();
    } catch (SSLPeerUnverifiedException noCertificate) {
      return List.of();
    }
  }

  private static Caller of(
      @org.jspecify.annotations.Nullable SSLSession session, Metadata headers, Tokens tokens) {
    if (session == null) {
      return new Anonymous("the connection is not TLS");
    }
    try {
      Certificate[] chain = session.getPeerCertificates();
      return SpiffeId.of((X509Certificate) chain[0])
          .<Caller>map(Peer::new)
          .orElseGet(() -> new Anonymous("the client certificate names no SPIFFE id"));
    } catch (SSLPeerUnverifiedException noCertificate) {
      return bearer(headers, tokens);
    }
  }

  private static Caller bearer(Metadata headers, Tokens tokens) {
    String authorization = headers.get(CertificateService.AUTHORIZATION);
    if (authorization == null || !authorization.startsWith("Bearer ")) {
      return new Anonymous("neither a client certificate nor a bearer token");
    }
    String token = authorization.substring("Bearer ".length()).strip();
    return switch (tokens.verify(token, TokenVerifier.Audience.CERTIFICATES)) {
      case TokenVerifier.Verdict.Accepted(String subject) ->
          SpiffeId.parse(subject)
              .<Caller>map(Bearer::new)
              .orElseGet(() -> new Anonymous("the token's subject is no SPIFFE id"));
      case TokenVerifier.Verdict.Refused(String reason) ->
          tokens.verify(token, TokenVerifier.Audience.QUERY)
                      instanceof TokenVerifier.Verdict.Accepted(String subject)
                  && subject.equals(TokenVerifier.OPERATOR)
              ? new Operator()
              : new Anonymous("token refused: " + reason);
    };
  }
}
