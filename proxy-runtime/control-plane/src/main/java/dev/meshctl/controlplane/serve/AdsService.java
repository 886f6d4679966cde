package dev.meshctl.controlplane.serve;

import com.google.common.collect.Interner;
import com.google.common.collect.Interners;
import com.google.protobuf.Message;
import dev.meshctl.controlplane.serve.protocol.DeltaState;
import dev.meshctl.controlplane.serve.protocol.SotwState;
import dev.meshctl.controlplane.serve.protocol.StreamState;
import dev.meshctl.identity.Caller;
import dev.meshctl.identity.CertificateLedger;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.model.wire.DecodedNode;
import dev.meshctl.model.wire.NodeCodec;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code envoy.service.discovery.v3.AggregatedDiscoveryService}, both methods. A caller needs a
 * certificate, and its node must be of that identity's namespace and service account.
 */
public final class AdsService
    extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase {
  private static final System.Logger LOG = System.getLogger(AdsService.class.getName());
  private static final Map<String, ResourceType> TYPES =
      Arrays.stream(ResourceType.values())
          .collect(Collectors.toUnmodifiableMap(ResourceType::typeUrl, Function.identity()));

  private final ProxySessions sessions;
  private final CertificateLedger ledger;
  private final Interner<Set<String>> sameNames = Interners.newWeakInterner();

  public AdsService(ProxySessions sessions) {
    this(sessions, new CertificateLedger());
  }

  /**
   * @param ledger is told of what proxies prove themselves by
   */
  public AdsService(ProxySessions sessions, CertificateLedger ledger) {
    this.sessions = sessions;
    this.ledger = ledger;
  }

  @Override
  public StreamObserver<DiscoveryRequest> streamAggregatedResources(
      StreamObserver<DiscoveryResponse> out) {
    return new Incoming<>(
        out,
        new SotwState(System::nanoTime),
        // There is no state of the world in parts.
        node -> node.without(ProxyNode.Feature.SPLIT_TABLES),
        DiscoveryRequest::getTypeUrl,
        DiscoveryRequest::getNode,
        DiscoveryRequest::getResponseNonce);
  }

  @Override
  public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
      StreamObserver<DeltaDiscoveryResponse> out) {
    return new Incoming<>(
        out,
        new DeltaState(sameNames, System::nanoTime),
        node -> node,
        DeltaDiscoveryRequest::getTypeUrl,
        DeltaDiscoveryRequest::getNode,
        DeltaDiscoveryRequest::getResponseNonce);
  }

  /** One stream: opens its session at the first request, which names the node. */
  private final class Incoming<Q, A extends Message> implements StreamObserver<Q> {
    private final ServerCallStreamObserver<A> out;
    private final StreamState<Q, A> state;
    private final UnaryOperator<ProxyNode> asServed;
    private final Function<Q, String> typeUrl;
    private final Function<Q, Node> node;
    private final Function<Q, String> nonce;
    private final Caller caller = Caller.current();
    private final List<X509Certificate> chain = Caller.chain();
    private final RequestPace pace = sessions.pace();
    private @Nullable ProxySession<Q, A> session;

    Incoming(
        StreamObserver<A> out,
        StreamState<Q, A> state,
        UnaryOperator<ProxyNode> asServed,
        Function<Q, String> typeUrl,
        Function<Q, Node> node,
        Function<Q, String> nonce) {
      this.out = (ServerCallStreamObserver<A>) out;
      this.state = state;
      this.asServed = asServed;
      this.typeUrl = typeUrl;
      this.node = node;
      this.nonce = nonce;
      this.out.setOnCancelHandler(this::end);
      // One at a time, each asked for: what we do not ask for waits in the proxy's connection.
      this.out.disableAutoRequest();
      this.out.request(1);
    }

    @Override
    public void onNext(Q request) {
      if (take(request)) {
        next(pace.waitNanos(System.nanoTime()));
      }
    }

    private void next(long waitNanos) {
      if (waitNanos == 0) {
        out.request(1);
      } else {
        CompletableFuture.delayedExecutor(waitNanos, TimeUnit.NANOSECONDS, Runnable::run)
            .execute(() -> out.request(1));
      }
    }

    /** False where it is refused, which ends the stream. */
    private boolean take(Q request) {
      ProxySession<Q, A> open = session;
      if (open == null) {
        switch (admit(node.apply(request))) {
          case Admission.Refused(Status status) -> {
            out.onError(status.asRuntimeException());
            return false;
          }
          case Admission.Admitted(ProxyNode admitted, SpiffeId identity) -> {
            open =
                new ProxySession<>(
                    asServed.apply(admitted), identity, out, state, sessions.budget());
            session = open;
            if (!chain.isEmpty()) {
              ledger.presented(admitted.id(), identity, chain);
            }
            sessions.opened(open);
          }
        }
      }
      ResourceType type = TYPES.get(typeUrl.apply(request));
      if (type != null) {
        // Types that we have nothing of are left unanswered, as the protocol allows.
        open.request(request, type, !nonce.apply(request).isEmpty());
      }
      return true;
    }

    private Admission admit(Node declared) {
      return switch (caller) {
        case Caller.Peer(SpiffeId identity) -> AdsService.admit(declared, identity);
        case Caller.Operator o ->
            new Admission.Refused(
                Status.PERMISSION_DENIED.withDescription(
                    "an operator's token opens no stream of configuration"));
        case Caller.Bearer b ->
            new Admission.Refused(
                Status.UNAUTHENTICATED.withDescription(
                    "a token is for the first certificate only: connect with the certificate"));
        case Caller.Anonymous(String reason) ->
            new Admission.Refused(Status.UNAUTHENTICATED.withDescription(reason));
      };
    }

    @Override
    public void onError(Throwable broken) {
      end();
    }

    @Override
    public void onCompleted() {
      end();
      try {
        out.onCompleted();
      } catch (IllegalStateException alreadyEnded) {
        // We refused it before, or sent it away.
      }
    }

    private void end() {
      ProxySession<Q, A> open = session;
      if (open != null) {
        sessions.closed(open);
      }
    }
  }

  private sealed interface Admission {
    record Admitted(ProxyNode node, SpiffeId identity) implements Admission {}

    record Refused(Status status) implements Admission {}
  }

  private static Admission admit(Node declared, SpiffeId identity) {
    return switch (NodeCodec.decode(declared)) {
      case DecodedNode.Rejected(String reason) ->
          new Admission.Refused(Status.INVALID_ARGUMENT.withDescription("node: " + reason));
      case DecodedNode.Accepted(ProxyNode node) ->
          problem(node, identity)
              .<Admission>map(p -> {
                LOG.log(System.Logger.Level.WARNING, "refused a proxy: {0}", p);
                return new Admission.Refused(Status.PERMISSION_DENIED.withDescription(p));
              })
              .orElseGet(
                  () -> new Admission.Admitted(node.provedAs(identity.serviceAccount()), identity));
    };
  }

  private static Optional<String> problem(ProxyNode node, SpiffeId identity) {
    if (!node.namespace().equals(identity.namespace())) {
      return Optional.of(
          "node "
              + node.id()
              + " says namespace "
              + node.namespace()
              + ", but its certificate is of "
              + identity);
    }
    // A plain Envoy does not name its account; then the certificate alone says it.
    if (!node.serviceAccount().isEmpty()
        && !node.serviceAccount().equals(identity.serviceAccount())) {
      return Optional.of(
          "node "
              + node.id()
              + " says service account "
              + node.serviceAccount()
              + ", but its certificate is of "
              + identity);
    }
    return Optional.empty();
  }
}
