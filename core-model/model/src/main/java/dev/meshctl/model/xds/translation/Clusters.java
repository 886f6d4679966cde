package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.resource.DestinationRule.ConnectionPool;
import dev.meshctl.model.resource.DestinationRule.TrafficPolicy;
import dev.meshctl.model.resource.PortRef;
import dev.meshctl.model.resource.Service.SessionAffinity;
import dev.meshctl.model.resource.ServiceEntry;
import dev.meshctl.model.resource.ServiceEntry.Location;
import dev.meshctl.model.traffic.DestinationRules;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.traffic.MeshService.Backing;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.ClusterConfig.ServiceRef;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.ClusterNames;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.UpstreamTls;
import dev.meshctl.model.xds.backing.Backend;
import dev.meshctl.model.xds.route.HashPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Clusters of everything that can be reached, as clients in one namespace see it. */
final class Clusters {
  /** Offered between our proxies, so that TLS of the application is told from TLS of the mesh. */
  static final String MESH_ALPN = "istio";

  private static final Duration LOCAL_CONNECT_TIMEOUT = Duration.ofSeconds(1);

  private final MeshView view;
  private final Endpoints endpoints;
  private final String clientNamespace;
  private final Map<String, String> clientLabels;
  private final ClientPlace client;
  private final List<ClusterConfig> clusters = new ArrayList<>();
  private final List<LoadAssignment> assignments = new ArrayList<>();
  private final Map<String, HashPolicy> hashes = new HashMap<>();

  private Clusters(
      MeshView view, String clientNamespace, Map<String, String> clientLabels, ClientPlace client) {
    this.clientLabels = clientLabels;
    this.client = client;
    this.view = view;
    this.endpoints = new Endpoints(view);
    this.clientNamespace = clientNamespace;
  }

  /**
   * Clusters with the endpoints of those that take them from EDS.
   *
   * @param hashes what requests stick to hosts by, by cluster, where they do
   * @param pieces what each service gave, by identity: services are as many objects as the mesh has
   */
  record Reachable(
      List<ClusterConfig> clusters,
      List<LoadAssignment> assignments,
      Map<String, HashPolicy> hashes,
      Map<MeshService, Piece> pieces) {
    static final Reachable NOTHING =
        new Reachable(List.of(), List.of(), Map.of(), new IdentityHashMap<>());

    /** {@code table}, where requests stick to hosts of clusters that want it. */
    RouteTableConfig sticking(RouteTableConfig table) {
      return hashes.isEmpty() ? table : StickyHosts.in(table, hashes);
    }

    /** {@code listeners}, where connections stick to hosts of clusters that want it. */
    List<ListenerConfig> sticking(List<ListenerConfig> listeners) {
      return hashes.isEmpty()
          ? listeners
          : listeners.stream().map(listener -> StickyHosts.in(listener, hashes)).toList();
    }
  }

  /**
   * What one service gives. As long as the mesh stays it hangs on the service's backends alone.
   *
   * @param backends that it was made from
   */
  record Piece(
      List<Backend> backends,
      List<ClusterConfig> clusters,
      List<LoadAssignment> assignments,
      Map<String, HashPolicy> hashes) {}

  /**
   * @param services of which clusters are wanted
   * @param clientLabels those that a DestinationRule may ask of its client
   * @param before of the same mesh and client, with other backends; {@link Reachable#NOTHING} where
   *     there is none
   */
  static Reachable of(
      MeshView view,
      List<MeshService> services,
      String clientNamespace,
      Map<String, String> clientLabels,
      ClientPlace client,
      Interning interning,
      Reachable before) {
    List<ClusterConfig> clusters = new ArrayList<>();
    clusters.add(blackHole());
    clusters.add(originalDestination(ClusterNames.PASSTHROUGH));
    List<LoadAssignment> assignments = new ArrayList<>();
    Map<String, HashPolicy> hashes = new HashMap<>();
    Map<MeshService, Piece> pieces = new IdentityHashMap<>();
    for (MeshService service : services) {
      List<Backend> backends = view.backends().of(service);
      Piece piece = before.pieces.get(service);
      if (piece == null || !piece.backends.equals(backends)) {
        Clusters own = new Clusters(view, clientNamespace, clientLabels, client);
        own.add(service);
        piece =
            new Piece(
                backends,
                own.clusters.stream().map(interning::intern).toList(),
                own.assignments.stream().map(interning::intern).toList(),
                own.hashes);
      }
      pieces.put(service, piece);
      clusters.addAll(piece.clusters);
      assignments.addAll(piece.assignments);
      hashes.putAll(piece.hashes);
    }
    return new Reachable(clusters, assignments, hashes, pieces);
  }

  private void add(MeshService service) {
    MeshService behind = view.services().behind(service);
    if (behind != service) {
      // An alias within the mesh is reached by the clusters of what it stands for.
      return;
    }
    Optional<DestinationRule> rule = view.rules().forHost(service, clientNamespace, clientLabels);
    for (MeshService.Port port : service.ports()) {
      if (port.protocol() == AppProtocol.UDP) {
        continue;
      }
      add(service, port, "", Map.of(), rule);
      addReplicas(service, port, rule);
      rule.ifPresent(present ->
          present
              .subsets()
              .forEach(subset -> add(service, port, subset.name(), subset.labels(), rule)));
    }
  }

  private void add(
      MeshService service,
      MeshService.Port port,
      String subset,
      Map<String, String> labels,
      Optional<DestinationRule> rule) {
    String name = ClusterNames.outbound(port.number(), subset, service.hostname());
    Optional<TrafficPolicy> policy =
        affine(
            service,
            view.defaults()
                .filled(
                    rule.flatMap(present ->
                        DestinationRules.effectivePolicy(present, subset, port.number()))));
    Discovery discovery =
        switch (service.backing()) {
          case Backing.Workloads workloads -> {
            assignments.add(endpoints.of(name, service, port, labels, policy, client));
            yield new Discovery.Eds(name);
          }
          case Backing.Alias(var externalName) -> named(name, externalName, port.number());
          case Backing.External(var entry) -> external(name, service, port, labels, policy, entry);
        };
    clusters.add(cluster(name, discovery, service, port, subset, policy));
  }

  /** The Service's affinity, where no DestinationRule says how to balance. */
  private Optional<TrafficPolicy> affine(MeshService service, Optional<TrafficPolicy> policy) {
    boolean wanted =
        view.backends()
            .service(service)
            .filter(declared -> declared.sessionAffinity() == SessionAffinity.CLIENT_IP)
            .isPresent();
    return wanted ? Optional.of(TrafficPolicies.bySourceAddress(policy)) : policy;
  }

  private ClusterConfig cluster(
      String name,
      Discovery discovery,
      MeshService service,
      MeshService.Port port,
      String subset,
      Optional<TrafficPolicy> policy) {
    TrafficPolicies.hash(policy).ifPresent(hash -> hashes.put(name, hash));
    UpstreamProtocol protocol =
        TrafficPolicies.protocol(policy, protocol(port.protocol()), port.protocol().isHttp());
    return new ClusterConfig(
            name,
            discovery,
            TrafficPolicies.connectTimeout(policy),
            TrafficPolicies.balancing(policy),
            transport(service, port, subset, protocol, policy),
            protocol,
            TrafficPolicies.breakers(policy),
            TrafficPolicies.outliers(policy),
            new ServiceRef(service.hostname(), service.namespace(), service.name(), subset),
            TrafficPolicies.options(policy))
        .withUpstream(TrafficPolicies.upstream(policy, protocol));
  }

  /**
   * Replicas of a headless service that clients reach one by one, at their own addresses: where
   * requests are not told apart, the address says which replica is meant.
   */
  private void addReplicas(
      MeshService service, MeshService.Port port, Optional<DestinationRule> rule) {
    if (!reachedByReplica(view, service, port)) {
      return;
    }
    Optional<TrafficPolicy> policy =
        view.defaults()
            .filled(
                rule.flatMap(
                    present -> DestinationRules.effectivePolicy(present, "", port.number())));
    for (Backend backend : view.backends().of(service)) {
      if (backend.answers()) {
        String name =
            ClusterNames.replica(port.number(), backend.instance().name(), service.hostname());
        assignments.add(endpoints.ofReplica(name, backend, service, port));
        clusters.add(cluster(name, new Discovery.Eds(name), service, port, "", policy));
      }
    }
  }

  /** Only where workloads learn addresses of replicas: from the names of a transparent mesh. */
  static boolean reachedByReplica(MeshView view, MeshService service, MeshService.Port port) {
    boolean requests =
        switch (port.protocol()) {
          case HTTP, HTTP2, GRPC, GRPC_WEB -> true;
          case HTTPS, TLS, TCP, UDP, UNKNOWN -> false;
        };
    return !requests
        && view.inventory().isTransparent()
        && service.backing() instanceof Backing.Workloads workloads
        && workloads.headless();
  }

  private Discovery external(
      String name,
      MeshService service,
      MeshService.Port port,
      Map<String, String> labels,
      Optional<TrafficPolicy> policy,
      ServiceEntry entry) {
    LoadAssignment known = endpoints.of(name, service, port, labels, policy, client);
    int target = port.target() instanceof PortRef.Number(int number) ? number : port.number();
    return switch (entry.resolution()) {
      case STATIC -> {
        if (entry.workloadSelector().isEmpty()) {
          yield new Discovery.Static(known);
        }
        assignments.add(known);
        yield new Discovery.Eds(name);
      }
      case DNS ->
          known.localities().isEmpty() && entry.workloadSelector().isEmpty()
              ? named(name, service.hostname(), target)
              : new Discovery.StrictDns(known);
      case NONE ->
          // Whoever calls an address that is written means the server that has it.
          HostNames.isWildcard(service.hostname())
                  || (!service.addresses().isEmpty() && view.inventory().isTransparent())
              ? new Discovery.OriginalDestination()
              : named(name, service.hostname(), target);
    };
  }

  private static Discovery named(String cluster, String hostname, int port) {
    return new Discovery.StrictDns(
        Endpoints.external(cluster, List.of(new SocketEndpoint(hostname, port))));
  }

  private Transport transport(
      MeshService service,
      MeshService.Port port,
      String subset,
      UpstreamProtocol protocol,
      Optional<TrafficPolicy> policy) {
    boolean inMesh =
        switch (service.backing()) {
          case Backing.Workloads _ -> true;
          case Backing.Alias _ -> false;
          case Backing.External(var entry) -> entry.location() == Location.MESH_INTERNAL;
        };
    UpstreamTls meshTls =
        new UpstreamTls(
            SecretConfig.OWN_CERTIFICATE,
            SecretConfig.TRUST_BUNDLE,
            ClusterNames.sni(port.number(), subset, service.hostname()),
            meshAlpn(protocol, port.protocol()),
            inMesh ? view.workloads().identities(service) : List.of());
    Optional<DestinationRule.TlsMode> mode = policy.flatMap(TrafficPolicy::tls);
    if (mode.isEmpty()) {
      return inMesh && view.defaults().mesh().autoMtls()
          ? new Transport.Auto(meshTls)
          : new Transport.Plaintext();
    }
    return switch (mode.get()) {
      case DISABLE -> new Transport.Plaintext();
      case ISTIO_MUTUAL -> new Transport.Tls(meshTls);
      case SIMPLE -> new Transport.Tls(platformTls("", service, protocol));
      case MUTUAL ->
          new Transport.Tls(platformTls(SecretConfig.OWN_CERTIFICATE, service, protocol));
    };
  }

  /** TLS to a server that the platform's trust store knows, verified by its host name. */
  private static UpstreamTls platformTls(
      String certificate, MeshService service, UpstreamProtocol protocol) {
    List<String> alpn = protocol == UpstreamProtocol.HTTP2 ? List.of("h2") : List.of();
    String host =
        service.backing() instanceof Backing.Alias(var externalName)
            ? externalName
            : service.hostname();
    List<String> names =
        service.backing() instanceof Backing.External(var entry)
                && !entry.subjectAltNames().isEmpty()
            ? entry.subjectAltNames()
            : List.of(host);
    return new UpstreamTls(certificate, "", host, alpn, names);
  }

  private static List<String> meshAlpn(UpstreamProtocol protocol, AppProtocol application) {
    if (!application.isHttp()) {
      return List.of(MESH_ALPN);
    }
    return switch (protocol) {
      case HTTP1 -> List.of(MESH_ALPN, "http/1.1");
      case HTTP2 -> List.of(MESH_ALPN, "h2");
      case DOWNSTREAM -> List.of(MESH_ALPN);
    };
  }

  static UpstreamProtocol protocol(AppProtocol protocol) {
    return switch (protocol) {
      case HTTP2, GRPC -> UpstreamProtocol.HTTP2;
      case UNKNOWN -> UpstreamProtocol.DOWNSTREAM;
      case HTTP, GRPC_WEB, HTTPS, TLS, TCP, UDP -> UpstreamProtocol.HTTP1;
    };
  }

  private static ClusterConfig blackHole() {
    return bare(
        ClusterNames.BLACK_HOLE,
        new Discovery.Static(Endpoints.external(ClusterNames.BLACK_HOLE, List.of())),
        UpstreamProtocol.HTTP1);
  }

  static ClusterConfig originalDestination(String name) {
    return bare(name, new Discovery.OriginalDestination(), UpstreamProtocol.DOWNSTREAM);
  }

  /**
   * To the workload beside the proxy, in the clear.
   *
   * @param pool limits of what it is handed, where there are any
   */
  static ClusterConfig inbound(
      int port, SocketEndpoint workload, AppProtocol protocol, Optional<ConnectionPool> pool) {
    String name = ClusterNames.inbound(port);
    Discovery discovery = new Discovery.Static(Endpoints.external(name, List.of(workload)));
    UpstreamProtocol usual = protocol(protocol);
    if (pool.isEmpty()) {
      return bare(name, discovery, usual);
    }
    Optional<TrafficPolicy> policy = pool.map(TrafficPolicies::ofPool);
    return new ClusterConfig(
            name,
            discovery,
            pool.get().connectTimeout().filter(Duration::isPositive).orElse(LOCAL_CONNECT_TIMEOUT),
            LoadBalancing.LEAST_REQUEST,
            new Transport.Plaintext(),
            usual,
            TrafficPolicies.breakers(policy),
            Optional.empty(),
            ServiceRef.UNKNOWN)
        .withUpstream(TrafficPolicies.upstream(policy, usual));
  }

  private static ClusterConfig bare(String name, Discovery discovery, UpstreamProtocol protocol) {
    return new ClusterConfig(
        name,
        discovery,
        LOCAL_CONNECT_TIMEOUT,
        LoadBalancing.LEAST_REQUEST,
        new Transport.Plaintext(),
        protocol,
        CircuitBreakers.DEFAULT,
        Optional.empty(),
        ServiceRef.UNKNOWN);
  }
}
