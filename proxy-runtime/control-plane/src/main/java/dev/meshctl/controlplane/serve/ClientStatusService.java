package dev.meshctl.controlplane.serve;

import dev.meshctl.identity.Caller;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.model.query.ResourceStatus;
import dev.meshctl.model.wire.NodeCodec;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import io.envoyproxy.envoy.admin.v3.ClientResourceStatus;
import io.envoyproxy.envoy.admin.v3.UpdateFailureState;
import io.envoyproxy.envoy.service.status.v3.ClientConfig;
import io.envoyproxy.envoy.service.status.v3.ClientStatusDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.envoyproxy.envoy.service.status.v3.ClientStatusResponse;
import io.envoyproxy.envoy.service.status.v3.ConfigStatus;
import io.envoyproxy.envoy.type.matcher.v3.NodeMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import java.util.Optional;

/**
 * {@code envoy.service.status.v3.ClientStatusDiscoveryService} (CSDS): how far each connected proxy
 * followed. An operator's token opens all of them, a certificate those of its own identity. What a
 * resource holds is not told: it may be a key.
 *
 * <p>Thread: any.
 */
public final class ClientStatusService
    extends ClientStatusDiscoveryServiceGrpc.ClientStatusDiscoveryServiceImplBase {
  private final ProxySessions sessions;

  public ClientStatusService(ProxySessions sessions) {
    this.sessions = sessions;
  }

  @Override
  public void fetchClientStatus(
      ClientStatusRequest request, StreamObserver<ClientStatusResponse> out) {
    try {
      out.onNext(answer(request, Caller.current()));
      out.onCompleted();
    } catch (StatusException refused) {
      out.onError(refused);
    }
  }

  @Override
  public StreamObserver<ClientStatusRequest> streamClientStatus(
      StreamObserver<ClientStatusResponse> out) {
    Caller caller = Caller.current();
    return new StreamObserver<>() {
      private boolean refusing;

      @Override
      public void onNext(ClientStatusRequest request) {
        if (refusing) {
          return;
        }
        try {
          out.onNext(answer(request, caller));
        } catch (StatusException refused) {
          refusing = true;
          out.onError(refused);
        }
      }

      @Override
      public void onError(Throwable broken) {}

      @Override
      public void onCompleted() {
        if (!refusing) {
          out.onCompleted();
        }
      }
    };
  }

  private ClientStatusResponse answer(ClientStatusRequest request, Caller caller)
      throws StatusException {
    Optional<SpiffeId> only =
        switch (caller) {
          case Caller.Operator o -> Optional.empty();
          case Caller.Peer(SpiffeId identity) -> Optional.of(identity);
          case Caller.Bearer b ->
              throw Status.UNAUTHENTICATED
                  .withDescription("a token is for the first certificate only")
                  .asException();
          case Caller.Anonymous(String reason) ->
              throw Status.UNAUTHENTICATED.withDescription(reason).asException();
        };
    ClientStatusResponse.Builder response = ClientStatusResponse.newBuilder();
    for (ProxySessions.Connected proxy : sessions.connected()) {
      if ((only.isEmpty() || only.get().equals(proxy.identity()))
          && matches(request, proxy.node())) {
        response.addConfig(config(proxy));
      }
    }
    return response.build();
  }

  /** Any of the matchers; all proxies where there is none. */
  private static boolean matches(ClientStatusRequest request, ProxyNode node)
      throws StatusException {
    boolean any = request.getNodeMatchersCount() == 0;
    for (NodeMatcher matcher : request.getNodeMatchersList()) {
      if (matcher.getNodeMetadatasCount() > 0) {
        throw unsupported("node_metadatas");
      }
      any |= !matcher.hasNodeId() || matches(matcher.getNodeId(), node.id());
    }
    return any;
  }

  private static boolean matches(StringMatcher matcher, String id) throws StatusException {
    return switch (matcher.getMatchPatternCase()) {
      case EXACT -> id.equals(matcher.getExact());
      case PREFIX -> id.startsWith(matcher.getPrefix());
      case SUFFIX -> id.endsWith(matcher.getSuffix());
      case CONTAINS -> id.contains(matcher.getContains());
      case SAFE_REGEX, CUSTOM, MATCHPATTERN_NOT_SET ->
          throw unsupported("node_id." + matcher.getMatchPatternCase());
    };
  }

  private static StatusException unsupported(String field) {
    return Status.INVALID_ARGUMENT
        .withDescription(
            "node_matchers." + field + " (expected: node_id with exact, prefix, suffix, contains)")
        .asException();
  }

  private static ClientConfig config(ProxySessions.Connected proxy) {
    ClientConfig.Builder config = ClientConfig.newBuilder().setNode(NodeCodec.encode(proxy.node()));
    for (ResourceStatus resource : proxy.resources().get()) {
      config.addGenericXdsConfigs(generic(resource));
    }
    return config.build();
  }

  private static ClientConfig.GenericXdsConfig generic(ResourceStatus resource) {
    ClientConfig.GenericXdsConfig.Builder generic =
        ClientConfig.GenericXdsConfig.newBuilder()
            .setTypeUrl(ResourceType.valueOf(resource.type()).typeUrl())
            .setName(resource.name())
            .setVersionInfo(resource.acked())
            .setConfigStatus(configStatus(resource.state()))
            .setClientStatus(clientStatus(resource.state()));
    if (resource.state() == ResourceStatus.State.REFUSED) {
      generic.setErrorState(
          UpdateFailureState.newBuilder()
              .setDetails(resource.reason())
              .setVersionInfo(resource.refused()));
    }
    return generic.build();
  }

  private static ConfigStatus configStatus(ResourceStatus.State state) {
    return switch (state) {
      case SYNCED -> ConfigStatus.SYNCED;
      case WAITING -> ConfigStatus.NOT_SENT;
      case SENT, LEAVING -> ConfigStatus.STALE;
      case REFUSED -> ConfigStatus.ERROR;
    };
  }

  private static ClientResourceStatus clientStatus(ResourceStatus.State state) {
    return switch (state) {
      case SYNCED, LEAVING -> ClientResourceStatus.ACKED;
      case SENT, WAITING -> ClientResourceStatus.REQUESTED;
      case REFUSED -> ClientResourceStatus.NACKED;
    };
  }
}
