package dev.meshctl.dataplane.testing;

import dev.meshctl.dataplane.DataPlane;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.ClusterConfig.ServiceRef;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.DownstreamTls;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.FilterChain.ChainMatch;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.UpstreamTls;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.RouteMatch;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Records of configurations, in few words. */
public final class Snapshots {
  public static final SocketEndpoint ANY_PORT = new SocketEndpoint("127.0.0.1", 0);

  private Snapshots() {}

  public static XdsSnapshot of(XdsResource... resources) {
    Map<ResourceType, Map<String, XdsResource>> byType = new EnumMap<>(ResourceType.class);
    for (XdsResource resource : resources) {
      byType
          .computeIfAbsent(resource.type(), type -> new LinkedHashMap<>())
          .put(resource.name(), resource);
    }
    return new XdsSnapshot(byType);
  }

  public static DataPlane.Settings settings(String workload, int loops) {
    return new DataPlane.Settings(
        new ProxyNode(
            "sidecar~127.0.0.1~" + workload + ".default~default.svc.cluster.local",
            ProxyNode.Role.SIDECAR,
            "default",
            workload,
            workload + "-0",
            workload,
            Map.of("app", workload, "version", "v1"),
            new ProxyNode.Capture.Explicit("127.0.0.1", "127.0.0.1", "127.0.0.")),
        loops,
        Optional.empty(),
        Optional.empty(),
        "",
        Duration.ofSeconds(2));
  }

  public static ClusterConfig cluster(String name, SocketEndpoint... endpoints) {
    return cluster(
        name,
        new Transport.Plaintext(),
        UpstreamProtocol.HTTP1,
        assignment(name, false, endpoints));
  }

  public static ClusterConfig cluster(
      String name, Transport transport, UpstreamProtocol protocol, LoadAssignment endpoints) {
    return new ClusterConfig(
        name,
        new Discovery.Static(endpoints),
        Duration.ofSeconds(2),
        LoadBalancing.ROUND_ROBIN,
        transport,
        protocol,
        CircuitBreakers.DEFAULT,
        Optional.empty(),
        new ServiceRef(name + ".default.svc.cluster.local", "default", name, ""));
  }

  public static ClusterConfig originalDestination(String name) {
    return new ClusterConfig(
        name,
        new Discovery.OriginalDestination(),
        Duration.ofSeconds(2),
        LoadBalancing.ROUND_ROBIN,
        new Transport.Plaintext(),
        UpstreamProtocol.DOWNSTREAM,
        CircuitBreakers.DEFAULT,
        Optional.empty(),
        ServiceRef.UNKNOWN);
  }

  public static LoadAssignment assignment(
      String name, boolean meshTls, SocketEndpoint... endpoints) {
    return new LoadAssignment(
        name,
        List.of(
            new LocalityEndpoints(
                Locality.NONE,
                0,
                0,
                Arrays.stream(endpoints)
                    .map(address ->
                        new Endpoint(
                            address,
                            Health.HEALTHY,
                            1,
                            meshTls,
                            new WorkloadRef(name, "default", name, "v1")))
                    .toList())));
  }

  /** Mutual TLS with a server that must be {@code serverUri}. */
  public static Transport meshTls(String serverUri) {
    return new Transport.Auto(
        new UpstreamTls("default", "ROOTCA", "", List.of("istio", "h2"), List.of(serverUri)));
  }

  public static DownstreamTls strictTls(String... clientUris) {
    return new DownstreamTls(
        "default", "ROOTCA", true, List.of("istio", "h2", "http/1.1"), Arrays.asList(clientUris));
  }

  public static ListenerConfig listener(
      String name, Direction direction, SocketEndpoint address, FilterChain... chains) {
    return new ListenerConfig(
        name,
        direction,
        address,
        true,
        false,
        false,
        Duration.ZERO,
        Arrays.asList(chains),
        Optional.empty());
  }

  public static FilterChain plain(NetworkFilter filter) {
    return new FilterChain("plain", ChainMatch.ANY, Optional.empty(), filter);
  }

  public static FilterChain encrypted(DownstreamTls tls, NetworkFilter filter) {
    return new FilterChain("tls", ChainMatch.ANY, Optional.of(tls), filter);
  }

  public static NetworkFilter.HttpConnection http(NetworkFilter.Routes routes) {
    return new NetworkFilter.HttpConnection(
        "http",
        NetworkFilter.Codec.AUTO,
        routes,
        List.of(),
        Duration.ZERO,
        Duration.ZERO,
        Duration.ZERO,
        false,
        NetworkFilter.ForwardClientCert.SANITIZE_SET);
  }

  public static NetworkFilter.HttpConnection http(String routes) {
    return http(new NetworkFilter.Routes.Named(routes));
  }

  public static NetworkFilter.TcpProxy tcp(WeightedCluster... clusters) {
    return new NetworkFilter.TcpProxy("tcp", Arrays.asList(clusters), Duration.ZERO, false);
  }

  public static RouteTableConfig routes(String name, Route... routes) {
    return new RouteTableConfig(
        name, List.of(new VirtualHost("all", List.of("*"), Arrays.asList(routes))));
  }

  public static Route route(RouteAction action) {
    return new Route("", RouteMatch.ANY, action, Headers.NONE);
  }

  public static Route route(String prefix, RouteAction action) {
    return new Route(
        prefix,
        new RouteMatch(new PathMatch.Prefix(prefix), false, List.of(), List.of()),
        action,
        Headers.NONE);
  }

  public static WeightedCluster weighted(String cluster, int weight) {
    return new WeightedCluster(cluster, weight, Headers.NONE);
  }

  public static RouteAction.Forward split(WeightedCluster... clusters) {
    RouteAction.Forward plain = RouteAction.Forward.to("x");
    return new RouteAction.Forward(
        Arrays.asList(clusters),
        plain.timeout(),
        plain.retry(),
        plain.rewrite(),
        plain.hostRewrite(),
        plain.mirrors(),
        plain.fault());
  }
}
