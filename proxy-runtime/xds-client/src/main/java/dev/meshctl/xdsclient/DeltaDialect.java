package dev.meshctl.xdsclient;

import com.google.rpc.Code;
import com.google.rpc.Status;
import dev.meshctl.model.wire.NodeCodec;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Incremental xDS: only what changes is said, by both sides. */
final class DeltaDialect implements Dialect<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
  private final ProxyNode node;
  private boolean nodeSent;

  DeltaDialect(ProxyNode node) {
    this.node = node;
  }

  @Override
  public void begin() {
    nodeSent = false;
  }

  @Override
  public List<DeltaDiscoveryRequest> requests(List<Ask> asks) {
    List<DeltaDiscoveryRequest> requests = new ArrayList<>();
    for (Ask ask : asks) {
      DeltaDiscoveryRequest.Builder request =
          DeltaDiscoveryRequest.newBuilder().setTypeUrl(ask.type().typeUrl());
      if (!nodeSent) {
        // The first request of a stream names the node for all.
        request.setNode(NodeCodec.encode(node));
        nodeSent = true;
      }
      switch (ask) {
        case Ask.Begin(var type, var names, var versions) ->
            request.addAllResourceNamesSubscribe(names).putAllInitialResourceVersions(versions);
        case Ask.Change(var type, var added, var dropped) ->
            request.addAllResourceNamesSubscribe(added).addAllResourceNamesUnsubscribe(dropped);
        case Ask.Answer(var type, var nonce, var refusal) -> {
          request.setResponseNonce(nonce);
          refusal.ifPresent(why -> request.setErrorDetail(refused(why)));
        }
      }
      requests.add(request.build());
    }
    return requests;
  }

  static Status.Builder refused(String why) {
    return Status.newBuilder().setCode(Code.INVALID_ARGUMENT_VALUE).setMessage(why);
  }

  @Override
  public Optional<Update> update(DeltaDiscoveryResponse response) {
    ResourceType type = TYPES.get(response.getTypeUrl());
    return type == null
        ? Optional.empty()
        : Optional.of(
            new Update(
                type,
                response.getNonce(),
                false,
                response.getResourcesList().stream()
                    .map(each ->
                        new Update.Named(each.getName(), each.getVersion(), each.getResource()))
                    .toList(),
                response.getRemovedResourcesList()));
  }
}
