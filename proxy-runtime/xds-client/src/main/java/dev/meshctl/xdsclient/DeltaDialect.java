package dev.meshctl.xdsclient;

import com.google.rpc.Code;
import com.google.rpc.Status;
import dev.meshctl.model.wire.NodeCodec;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

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
        case Ask.Begin(var type, var names, var versions, var lapsed) ->
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
    if (type == null) {
      return Optional.empty();
    }
    List<Update.Named> named = new ArrayList<>();
    List<String> removed = new ArrayList<>(response.getRemovedResourcesList());
    for (Resource each : response.getResourcesList()) {
      if (!each.hasResource() && each.getVersion().isEmpty()) {
        // Another way to say that there is no such resource.
        removed.add(each.getName());
      } else {
        named.add(named(each, each.getVersion(), Optional.of(each.getVersion())));
      }
    }
    return Optional.of(new Update(type, response.getNonce(), false, named, removed));
  }

  /**
   * @param held version that a heartbeat is for
   */
  static Update.Named named(Resource resource, String version, Optional<String> held) {
    long ttlNanos =
        TimeUnit.SECONDS.toNanos(resource.getTtl().getSeconds()) + resource.getTtl().getNanos();
    return resource.hasResource()
        ? new Update.Content(resource.getName(), version, ttlNanos, resource.getResource())
        : new Update.Heartbeat(resource.getName(), held, ttlNanos);
  }
}
