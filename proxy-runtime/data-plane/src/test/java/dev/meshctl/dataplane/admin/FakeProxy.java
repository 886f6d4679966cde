package dev.meshctl.dataplane.admin;

import dev.meshctl.dataplane.admin.StatName.Scope;
import dev.meshctl.dataplane.observe.Exposition;
import dev.meshctl.dataplane.observe.TimeBuckets;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SecretConfig.Material;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.RouteMatch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A proxy with one cluster of one host, which is ejected. */
final class FakeProxy implements AdminSource {
  static final String ID = "sidecar~127.77.2.1~reviews-v1-0.default~default.svc.cluster.local";

  final List<String> drains = new ArrayList<>();
  volatile int quits;
  volatile int reopened;
  volatile State state = State.LIVE;

  static final Instant UPDATED = Instant.parse("2026-11-24T12:00:00Z");

  private static final Endpoint ENDPOINT =
      new Endpoint(
          new SocketEndpoint("127.0.0.1", 80), Health.HEALTHY, 1, true, WorkloadRef.UNKNOWN);

  @Override
  public State state() {
    return state;
  }

  @Override
  public ProxyNode node() {
    return new ProxyNode(
        ID,
        ProxyNode.Role.SIDECAR,
        "default",
        "reviews-v1",
        "reviews-v1-0",
        "reviews",
        Map.of(),
        new ProxyNode.Capture.Edge("127.0.0.1"));
  }

  @Override
  public Duration uptime() {
    return Duration.ofSeconds(90);
  }

  @Override
  public XdsSnapshot config() {
    ClusterConfig cluster =
        new ClusterConfig(
            "c",
            new ClusterConfig.Discovery.Eds("c"),
            Duration.ofMillis(1500),
            ClusterConfig.LoadBalancing.LEAST_REQUEST,
            new ClusterConfig.Transport.Plaintext(),
            ClusterConfig.UpstreamProtocol.HTTP1,
            CircuitBreakers.DEFAULT,
            Optional.empty(),
            ClusterConfig.ServiceRef.UNKNOWN);
    RouteTableConfig routes =
        new RouteTableConfig(
            "80",
            List.of(
                new VirtualHost(
                    "all",
                    List.of("*"),
                    List.of(
                        new Route(
                            "", RouteMatch.ANY, RouteAction.Forward.to("c"), Headers.NONE)))));
    LoadAssignment endpoints =
        new LoadAssignment(
            "c",
            List.of(new LoadAssignment.LocalityEndpoints(Locality.NONE, 0, 0, List.of(ENDPOINT))));
    return new XdsSnapshot(
        Map.of(
            ResourceType.CLUSTER, Map.of("c", cluster),
            ResourceType.ROUTE, Map.of("80", routes),
            ResourceType.ENDPOINTS, Map.of("c", endpoints),
            ResourceType.SECRET,
                Map.of(
                    "tls",
                    new SecretConfig("tls", new Material.Certificate("the chain", "the key")))));
  }

  @Override
  public Provenance provenance(ResourceType type, String name) {
    return new Provenance(
        type == ResourceType.SECRET ? Optional.empty() : Optional.of("v7"), UPDATED);
  }

  @Override
  public List<Refused> refused() {
    return List.of(
        new Refused(ResourceType.LISTENER, "bad", "v8", "no port", UPDATED),
        new Refused(ResourceType.CLUSTER, "c", "v9", "no type", UPDATED));
  }

  @Override
  public Instant started() {
    return UPDATED;
  }

  @Override
  public Optional<SocketEndpoint> adminAddress() {
    return Optional.of(new SocketEndpoint("127.0.0.1", 15000));
  }

  @Override
  public List<ListenerStatus> listeners() {
    return List.of(new ListenerStatus("virtualInbound", new SocketEndpoint("127.0.0.1", 15006)));
  }

  @Override
  public List<ClusterStatus> clusters() {
    return List.of(
        new ClusterStatus(
            "c",
            true,
            new CircuitBreakers(1024, 1024, 1024, 3),
            List.of(
                new HostStatus(
                    ENDPOINT,
                    new Locality("r1", "z1", ""),
                    0,
                    true,
                    false,
                    2,
                    3,
                    1,
                    1,
                    7,
                    1,
                    0,
                    2))));
  }

  @Override
  public List<CertificateStatus> certificates() {
    return List.of();
  }

  @Override
  public void stats(StatSink sink) {
    sink.gauge(new StatName(Scope.CLUSTER, "c", "upstream_cx_active"), 2);
    sink.counter(new StatName(Scope.CLUSTER, "c", "upstream_rq_2xx"), 3);
    sink.counter(new StatName(Scope.CLUSTER, "c", "upstream_rq_total"), 7);
    TimeBuckets times = new TimeBuckets();
    times.record(700);
    times.record(20_000);
    TimeBuckets.Sum sum = new TimeBuckets.Sum();
    sum.add(times);
    sink.times(new StatName(Scope.CLUSTER, "c", "upstream_rq_time"), sum);
    sink.counter("idle", 0);
  }

  @Override
  public String metrics(Exposition exposition) {
    return "istio " + exposition + "\n";
  }

  @Override
  public void drainListeners(boolean graceful, boolean inboundOnly) {
    drains.add((graceful ? "graceful" : "at once") + (inboundOnly ? ", inbound" : ""));
  }

  @Override
  public void reopenLogs() {
    reopened++;
  }

  @Override
  public void quit() {
    quits++;
  }
}
