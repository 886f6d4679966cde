package dev.meshctl.controlplane.serve.encoded;

import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.RouteMatch;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Small meshes; {@code mark} makes a resource differ from itself. */
public final class Meshes {
  private Meshes() {}

  public static ClusterConfig cluster(String name, int mark) {
    return new ClusterConfig(
        name,
        new ClusterConfig.Discovery.Eds(name),
        Duration.ofSeconds(1 + mark),
        ClusterConfig.LoadBalancing.LEAST_REQUEST,
        new ClusterConfig.Transport.Plaintext(),
        ClusterConfig.UpstreamProtocol.HTTP1,
        ClusterConfig.CircuitBreakers.DEFAULT,
        Optional.empty(),
        ClusterConfig.ServiceRef.UNKNOWN);
  }

  public static LoadAssignment endpoints(String name, int mark) {
    return new LoadAssignment(
        name,
        List.of(
            new LocalityEndpoints(
                Locality.NONE,
                0,
                0,
                List.of(
                    new Endpoint(
                        new SocketEndpoint("127.77.2.1", 9000 + mark),
                        Health.HEALTHY,
                        1,
                        true,
                        WorkloadRef.UNKNOWN)))));
  }

  public static ListenerConfig listener(String name, int mark) {
    return new ListenerConfig(
        name,
        ListenerConfig.Direction.OUTBOUND,
        new SocketEndpoint("127.77.16.1", 9000 + mark),
        true,
        false,
        false,
        Duration.ZERO,
        List.of(
            new FilterChain(
                "tcp",
                FilterChain.ChainMatch.ANY,
                Optional.empty(),
                new NetworkFilter.TcpProxy(
                    name, List.of(WeightedCluster.only("a")), Duration.ZERO, false))),
        Optional.empty());
  }

  public static RouteTableConfig route(String name, String cluster) {
    return new RouteTableConfig(
        name,
        List.of(
            new RouteTableConfig.VirtualHost(
                "all",
                List.of("*"),
                List.of(
                    new RouteTableConfig.Route(
                        "r",
                        RouteMatch.ANY,
                        RouteTableConfig.RouteAction.Forward.to(cluster),
                        Headers.NONE)))));
  }

  public static XdsSnapshot plain(XdsResource... resources) {
    Map<ResourceType, Map<String, XdsResource>> all = new EnumMap<>(ResourceType.class);
    for (XdsResource r : resources) {
      all.computeIfAbsent(r.type(), t -> new LinkedHashMap<>()).put(r.name(), r);
    }
    return new XdsSnapshot(all);
  }

  /** Each resource lent for {@code ttl}. */
  public static EncodedSnapshot lent(long generation, Duration ttl, XdsResource... resources) {
    return snapshot(generation, resource -> EncodedResource.of(resource).lent(ttl), resources);
  }

  public static EncodedSnapshot snapshot(long generation, XdsResource... resources) {
    return snapshot(generation, EncodedResource::of, resources);
  }

  private static EncodedSnapshot snapshot(
      long generation, Function<XdsResource, EncodedResource> encode, XdsResource... resources) {
    Map<ResourceType, Map<String, EncodedResource>> all = new EnumMap<>(ResourceType.class);
    for (XdsResource r : resources) {
      all.computeIfAbsent(r.type(), t -> new LinkedHashMap<>()).put(r.name(), encode.apply(r));
    }
    return new EncodedSnapshot(generation, all);
  }
}
