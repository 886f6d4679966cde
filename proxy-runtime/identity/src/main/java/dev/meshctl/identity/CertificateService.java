package dev.meshctl.identity;

import dev.meshctl.model.wire.ca.IstioCertificateRequest;
import dev.meshctl.model.wire.ca.IstioCertificateResponse;
import dev.meshctl.model.wire.ca.IstioCertificateServiceGrpc;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;

/**
 * {@code istio.v1.auth.IstioCertificateService}: a CSR in, a certificate for the authenticated
 * caller out. Needs {@link Caller#interceptor}.
 */
public final class CertificateService
    extends IstioCertificateServiceGrpc.IstioCertificateServiceImplBase {
  static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  /** Its own word within its identity, as in {@code DiscoveryRequest.node}. */
  static final Metadata.Key<String> NODE_ID =
      Metadata.Key.of("meshctl-node-id", Metadata.ASCII_STRING_MARSHALLER);

  private static final System.Logger LOG = System.getLogger(CertificateService.class.getName());

  private final CertificateAuthority authority;
  private final CertificateLedger ledger;

  public CertificateService(CertificateAuthority authority) {
    this(authority, new CertificateLedger());
  }

  /**
   * @param ledger is told of what is issued
   */
  public CertificateService(CertificateAuthority authority, CertificateLedger ledger) {
    this.authority = authority;
    this.ledger = ledger;
  }

  @Override
  public void createCertificate(
      IstioCertificateRequest request, StreamObserver<IstioCertificateResponse> out) {
    switch (Caller.current()) {
      case Caller.Peer(SpiffeId identity) -> answer(request, identity, out);
      case Caller.Bearer(SpiffeId identity) -> answer(request, identity, out);
      case Caller.Operator o ->
          out.onError(
              Status.UNAUTHENTICATED
                  .withDescription("an operator's token is for no certificate")
                  .asRuntimeException());
      case Caller.Anonymous(String reason) ->
          out.onError(Status.UNAUTHENTICATED.withDescription(reason).asRuntimeException());
    }
  }

  /** A node id of the caller's namespace; of another's it says nothing. */
  static String own(String nodeId, SpiffeId caller) {
    String[] parts = nodeId.split("~", -1);
    return parts.length > 2 && parts[2].endsWith("." + caller.namespace()) ? nodeId : "";
  }

  private void answer(
      IstioCertificateRequest request,
      SpiffeId caller,
      StreamObserver<IstioCertificateResponse> out) {
    Duration validity = Duration.ofSeconds(Math.max(0, request.getValidityDuration()));
    switch (authority.sign(request.getCsr(), caller, validity)) {
      case CertificateAuthority.Answer.Issued(var chain) -> {
        ledger.issued(
            caller, chain, Caller.chain().stream().findFirst(), own(Caller.nodeId(), caller));
        IstioCertificateResponse.Builder response = IstioCertificateResponse.newBuilder();
        chain.forEach(c -> response.addCertChain(Pem.certificate(c)));
        out.onNext(response.build());
        out.onCompleted();
      }
      case CertificateAuthority.Answer.Refused(String reason) -> {
        LOG.log(System.Logger.Level.WARNING, "refused a certificate to {0}: {1}", caller, reason);
        out.onError(Status.PERMISSION_DENIED.withDescription(reason).asRuntimeException());
      }
    }
  }
}
