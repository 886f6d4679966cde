package dev.meshctl.scale;

import dev.meshctl.model.wire.NodeCodec;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A proxy's incremental ADS stream without the proxy: subscribes as one does, acknowledges all,
 * keeps nothing.
 *
 * <p>Thread: gRPC's callbacks; {@link #open} and {@link #close} any.
 */
final class SimulatedProxy implements StreamObserver<DeltaDiscoveryResponse> {
  private static final Map<String, ResourceType> TYPES = new ConcurrentHashMap<>();

  static {
    for (ResourceType type : ResourceType.values()) {
      TYPES.put(type.typeUrl(), type);
    }
  }

  private final ProxyNode node;
  private final ManagedChannel channel;
  private final Fleet fleet;
  private final Set<ResourceType> had = ConcurrentHashMap.newKeySet();
  private StreamObserver<DeltaDiscoveryRequest> out = new Nobody();

  SimulatedProxy(ProxyNode node, ManagedChannel channel, Fleet fleet) {
    this.node = node;
    this.channel = channel;
    this.fleet = fleet;
  }

  void open() {
    out = AggregatedDiscoveryServiceGrpc.newStub(channel).deltaAggregatedResources(this);
    out.onNext(
        DeltaDiscoveryRequest.newBuilder()
            .setNode(NodeCodec.encode(node))
            .setTypeUrl(ResourceType.CLUSTER.typeUrl())
            .build());
    out.onNext(
        DeltaDiscoveryRequest.newBuilder().setTypeUrl(ResourceType.LISTENER.typeUrl()).build());
  }

  void close() {
    channel.shutdownNow();
  }

  @Override
  public void onNext(DeltaDiscoveryResponse response) {
    List<DeltaDiscoveryRequest> answers = new ArrayList<>();
    answers.add(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(response.getTypeUrl())
            .setResponseNonce(response.getNonce())
            .build());
    ResourceType type = TYPES.get(response.getTypeUrl());
    if (type == ResourceType.CLUSTER) {
      subscribe(ResourceType.ENDPOINTS, endpointsOf(response), answers);
    } else if (type == ResourceType.LISTENER && had.add(ResourceType.LISTENER)) {
      subscribe(ResourceType.ROUTE, List.of("80"), answers);
    }
    if (type == ResourceType.ROUTE && had.add(ResourceType.ROUTE)) {
      answers.add(
          DeltaDiscoveryRequest.newBuilder()
              .setTypeUrl(ResourceType.VIRTUAL_HOST.typeUrl())
              .build());
    }
    answers.forEach(out::onNext);
    fleet.acknowledged(response);
    if (type == ResourceType.VIRTUAL_HOST && had.add(ResourceType.VIRTUAL_HOST)) {
      fleet.configured();
    }
  }

  private static List<String> endpointsOf(DeltaDiscoveryResponse clusters) {
    return clusters.getResourcesList().stream()
        .map(Resource::getName)
        .filter(name -> name.startsWith("outbound|"))
        .toList();
  }

  private static void subscribe(
      ResourceType type, List<String> names, List<DeltaDiscoveryRequest> answers) {
    if (!names.isEmpty()) {
      answers.add(
          DeltaDiscoveryRequest.newBuilder()
              .setTypeUrl(type.typeUrl())
              .addAllResourceNamesSubscribe(names)
              .build());
    }
  }

  @Override
  public void onError(Throwable broken) {
    fleet.broken(node.id() + ": " + broken);
  }

  @Override
  public void onCompleted() {
    fleet.broken(node.id() + ": ended by the server");
  }

  /** Before the stream is open. */
  private static final class Nobody implements StreamObserver<DeltaDiscoveryRequest> {
    @Override
    public void onNext(DeltaDiscoveryRequest request) {
      throw new IllegalStateException("not open yet");
    }

    @Override
    public void onError(Throwable broken) {}

    @Override
    public void onCompleted() {}
  }
}
