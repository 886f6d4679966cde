package dev.meshctl.integration.differential;

import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A route table behind a listener, with the clusters that it may name. */
final class GeneratedSnapshot {
  private GeneratedSnapshot() {}

  static XdsSnapshot of(RouteTableConfig table) {
    NetworkFilter http =
        new NetworkFilter.HttpConnection(
            "generated",
            NetworkFilter.Codec.AUTO,
            new NetworkFilter.Routes.Named(table.name()),
            List.of(
                new NetworkFilter.HttpFilter.Cors(GeneratedTable.CORS),
                new NetworkFilter.HttpFilter.Fault()),
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            false,
            NetworkFilter.ForwardClientCert.SANITIZE);
    ListenerConfig listener =
        new ListenerConfig(
            "generated",
            ListenerConfig.Direction.OUTBOUND,
            new SocketEndpoint("127.0.0.1", 0),
            true,
            false,
            false,
            Duration.ZERO,
            List.of(new FilterChain("http", FilterChain.ChainMatch.ANY, Optional.empty(), http)),
            Optional.empty());
    Map<String, XdsResource> clusters = new LinkedHashMap<>();
    for (String name : GeneratedTable.CLUSTERS) {
      clusters.put(name, cluster(name, clusters.size() % 2 == 0));
    }
    return new XdsSnapshot(
        Map.of(
            ResourceType.LISTENER,
            Map.of(listener.name(), listener),
            ResourceType.ROUTE,
            Map.of(table.name(), table),
            ResourceType.CLUSTER,
            clusters));
  }

  private static ClusterConfig cluster(String name, boolean http1) {
    return new ClusterConfig(
        name,
        new ClusterConfig.Discovery.Static(
            new LoadAssignment(
                name,
                List.of(
                    new LoadAssignment.LocalityEndpoints(
                        LoadAssignment.Locality.NONE,
                        0,
                        0,
                        List.of(
                            new LoadAssignment.Endpoint(
                                new SocketEndpoint("127.0.0.1", 1),
                                LoadAssignment.Health.HEALTHY,
                                1,
                                false,
                                LoadAssignment.WorkloadRef.UNKNOWN)))))),
        Duration.ofSeconds(2),
        ClusterConfig.LoadBalancing.ROUND_ROBIN,
        new ClusterConfig.Transport.Plaintext(),
        http1 ? ClusterConfig.UpstreamProtocol.HTTP1 : ClusterConfig.UpstreamProtocol.HTTP2,
        ClusterConfig.CircuitBreakers.DEFAULT,
        Optional.empty(),
        ClusterConfig.ServiceRef.UNKNOWN);
  }
}
