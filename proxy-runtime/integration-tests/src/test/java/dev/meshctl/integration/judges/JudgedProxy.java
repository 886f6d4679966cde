package dev.meshctl.integration.judges;

import dev.meshctl.dataplane.DataPlane;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.FilterChain.ChainMatch;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.RouteMatch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Our proxy between a judge and one upstream, which is asked in the protocol of the request. */
final class JudgedProxy implements AutoCloseable {
  private static final String LISTENER = "judged";
  private final DataPlane plane;

  JudgedProxy(int upstreamPort, NetworkFilter.Codec codec) {
    plane =
        DataPlane.start(
            new DataPlane.Settings(
                new ProxyNode(
                    "sidecar~127.0.0.1~judged.default~default.svc.cluster.local",
                    ProxyNode.Role.SIDECAR,
                    "default",
                    "judged",
                    "judged-0",
                    "judged",
                    Map.of("app", "judged"),
                    new ProxyNode.Capture.Explicit("127.0.0.1", "127.0.0.1", "127.0.0.")),
                1,
                Optional.empty(),
                Optional.empty(),
                "",
                Duration.ofSeconds(1)),
            Optional.empty());
    var rejections =
        plane.accept(
            new XdsSnapshot(
                Map.of(
                    ResourceType.LISTENER, Map.of(LISTENER, listener(codec)),
                    ResourceType.CLUSTER, Map.of("upstream", cluster(upstreamPort)))));
    if (!rejections.isEmpty()) {
      throw new IllegalStateException(rejections.toString());
    }
  }

  private static ListenerConfig listener(NetworkFilter.Codec codec) {
    RouteTableConfig table =
        new RouteTableConfig(
            "all",
            List.of(
                new RouteTableConfig.VirtualHost(
                    "all",
                    List.of("*"),
                    List.of(
                        new RouteTableConfig.Route(
                            "all",
                            RouteMatch.ANY,
                            RouteTableConfig.RouteAction.Forward.to("upstream"),
                            Headers.NONE)))));
    NetworkFilter http =
        new NetworkFilter.HttpConnection(
            "judged",
            codec,
            new NetworkFilter.Routes.Inline(table),
            List.of(),
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            false,
            NetworkFilter.ForwardClientCert.SANITIZE);
    return new ListenerConfig(
        LISTENER,
        ListenerConfig.Direction.OUTBOUND,
        new SocketEndpoint("127.0.0.1", 0),
        true,
        false,
        false,
        Duration.ZERO,
        List.of(new FilterChain("judged", ChainMatch.ANY, Optional.empty(), http)),
        Optional.empty());
  }

  private static ClusterConfig cluster(int port) {
    LoadAssignment endpoint =
        new LoadAssignment(
            "upstream",
            List.of(
                new LoadAssignment.LocalityEndpoints(
                    LoadAssignment.Locality.NONE,
                    0,
                    0,
                    List.of(
                        new LoadAssignment.Endpoint(
                            new SocketEndpoint("127.0.0.1", port),
                            LoadAssignment.Health.HEALTHY,
                            1,
                            false,
                            new LoadAssignment.WorkloadRef("upstream", "default", "up", "v1"))))));
    return new ClusterConfig(
        "upstream",
        new ClusterConfig.Discovery.Static(endpoint),
        Duration.ofSeconds(2),
        ClusterConfig.LoadBalancing.ROUND_ROBIN,
        new ClusterConfig.Transport.Plaintext(),
        ClusterConfig.UpstreamProtocol.DOWNSTREAM,
        ClusterConfig.CircuitBreakers.DEFAULT,
        Optional.empty(),
        ClusterConfig.ServiceRef.UNKNOWN);
  }

  int port() {
    return Objects.requireNonNull(plane.listenAddresses().get(LISTENER)).getPort();
  }

  @Override
  public void close() {
    plane.close();
  }
}
