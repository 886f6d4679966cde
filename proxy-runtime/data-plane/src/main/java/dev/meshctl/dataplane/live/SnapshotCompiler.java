package dev.meshctl.dataplane.live;

import dev.meshctl.dataplane.balance.LocalZone;
import dev.meshctl.dataplane.listener.ChainTable;
import dev.meshctl.dataplane.listener.CompiledChain;
import dev.meshctl.dataplane.listener.CompiledListener;
import dev.meshctl.dataplane.observe.log.CompiledLogs;
import dev.meshctl.dataplane.observe.log.LogTargets;
import dev.meshctl.dataplane.resilience.ConnectionGate;
import dev.meshctl.dataplane.route.HttpFilters;
import dev.meshctl.dataplane.route.RouteTable;
import dev.meshctl.dataplane.upstream.Cluster;
import dev.meshctl.model.match.CompiledAccess;
import dev.meshctl.model.match.CompiledRoutes;
import dev.meshctl.model.xds.AccessLog;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ConnectionLimit;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.Home;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.NameTable;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.net.tls.IdentityMaterial;
import dev.meshctl.xdsclient.ConfigSink.Rejection;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Compiles snapshots. Of a resource that cannot be compiled the last good one stays; what did not
 * change is not compiled again.
 *
 * <p>Thread: one caller at a time, not a loop.
 */
public final class SnapshotCompiler {
  private final TlsStore tls;
  private final HostNames hostNames;
  private final Home home;
  private final ConfigJournal journal;
  private final LogTargets logs;
  private Optional<LocalZone> zone = Optional.empty();
  private final Map<String, Integer> clusterIds = new HashMap<>();
  private final Map<ResourceType, Map<String, XdsResource>> good = new HashMap<>();
  private Map<String, Cluster> clusters = Map.of();
  private Map<String, CompiledRoutes> lastRoutes = Map.of();
  private Map<String, CompiledRoutes> compiledRoutes = new HashMap<>();
  private Map<String, ConnectionGate> lastGates = Map.of();
  private Map<String, ConnectionGate> gates = new HashMap<>();
  private long generation;

  private Map<String, KnownFilters> lastFilters = Map.of();
  private Map<String, KnownFilters> filters = new HashMap<>();

  private record KnownFilters(List<NetworkFilter.HttpFilter> config, HttpFilters compiled) {}

  /** What came of a snapshot. */
  public record Compiled(LiveConfig config, List<Rejection> rejections) {}

  /**
   * @param journal is told what comes in force
   * @param logs opens what listeners name
   */
  public SnapshotCompiler(
      Optional<IdentityMaterial> identity,
      HostNames hostNames,
      Home home,
      ConfigJournal journal,
      LogTargets logs) {
    this.home = home;
    this.logs = logs;
    this.journal = journal;
    this.tls = new TlsStore(identity);
    this.hostNames = hostNames;
  }

  public void identity(IdentityMaterial newer) {
    tls.identity(newer);
  }

  /** Our SPIFFE ID, empty where we have none. */
  public String ownUri() {
    return tls.ownUri();
  }

  /** The resources in force: last good ones in place of those that were rejected. */
  public XdsSnapshot inForce() {
    return new XdsSnapshot(good);
  }

  /** Compiles {@code snapshot}, the last good version standing in for what is rejected. */
  public Compiled compile(XdsSnapshot snapshot) {
    generation++;
    lastRoutes = compiledRoutes;
    compiledRoutes = new HashMap<>();
    lastFilters = filters;
    filters = new HashMap<>();
    lastGates = gates;
    gates = new HashMap<>();
    logs.begin();
    List<Rejection> rejections = new ArrayList<>();
    Map<String, String> bundles = new HashMap<>();
    Map<String, SecretConfig.Material.Certificate> certificates = new HashMap<>();
    snapshot
        .of(ResourceType.SECRET)
        .values()
        .forEach(resource -> {
          if (resource instanceof SecretConfig secret) {
            switch (secret.material()) {
              case SecretConfig.Material.TrustBundle(var pem) -> bundles.put(secret.name(), pem);
              case SecretConfig.Material.Certificate certificate ->
                  certificates.put(secret.name(), certificate);
            }
          }
        });
    tls.begin(bundles, certificates);
    settle(ResourceType.SECRET, snapshot.of(ResourceType.SECRET));
    settle(ResourceType.NAMES, snapshot.of(ResourceType.NAMES));
    Map<String, LoadAssignment> endpoints = new HashMap<>();
    each(
        snapshot,
        ResourceType.ENDPOINTS,
        rejections,
        resource -> {
          if (resource instanceof LoadAssignment assignment) {
            endpoints.put(assignment.name(), literal(assignment));
          }
        });
    Map<String, Cluster> newClusters = clusters(snapshot, endpoints, rejections);
    Map<String, RouteTable> routes = routes(snapshot, newClusters, rejections);
    Map<String, CompiledListener> listeners = listeners(snapshot, newClusters, routes, rejections);
    clusters = newClusters;
    tls.commit();
    Optional<NameTable> names =
        snapshot.of(ResourceType.NAMES).values().stream()
            .filter(NameTable.class::isInstance)
            .map(NameTable.class::cast)
            .findFirst();
    return new Compiled(
        new LiveConfig(generation, listeners, routes, newClusters, names), List.copyOf(rejections));
  }

  /** Takes up one resource, or says why it cannot. */
  private interface Step {
    void take(XdsResource resource) throws Unusable;
  }

  /** Why a resource cannot be put in force. */
  private static final class Unusable extends Exception {
    private static final long serialVersionUID = 1L;

    Unusable(String reason) {
      super(reason);
    }
  }

  private void each(
      XdsSnapshot snapshot, ResourceType type, List<Rejection> rejections, Step step) {
    Map<String, XdsResource> before = good.getOrDefault(type, Map.of());
    Map<String, XdsResource> now = new LinkedHashMap<>();
    snapshot
        .of(type)
        .forEach((name, resource) -> {
          XdsResource taken = take(name, resource, before.get(name), rejections, step);
          if (taken != null) {
            now.put(name, taken);
          }
        });
    settle(type, now);
  }

  private void settle(ResourceType type, Map<String, XdsResource> now) {
    Map<String, XdsResource> before = good.put(type, now);
    journal.settle(type, before == null ? Map.of() : before, now);
  }

  private static @Nullable XdsResource take(
      String name,
      XdsResource resource,
      @Nullable XdsResource lastGood,
      List<Rejection> rejections,
      Step step) {
    try {
      step.take(resource);
      return resource;
    } catch (Unusable e) {
      rejections.add(new Rejection(resource.type(), name, String.valueOf(e.getMessage())));
    }
    if (lastGood == null || lastGood.equals(resource)) {
      return lastGood;
    }
    try {
      step.take(lastGood);
      return lastGood;
    } catch (Unusable e) {
      return null;
    }
  }

  private static LoadAssignment literal(LoadAssignment assignment) throws Unusable {
    for (var locality : assignment.localities()) {
      for (var endpoint : locality.endpoints()) {
        if (!endpoint.address().isPipe()
            && NetUtil.createByteArrayFromIpAddressString(endpoint.address().address()) == null) {
          throw new Unusable(
              "endpoint "
                  + endpoint.address()
                  + ": expected an IP address; use a STRICT_DNS cluster for names");
        }
      }
    }
    return assignment;
  }

  // ---- clusters

  private Map<String, Cluster> clusters(
      XdsSnapshot snapshot, Map<String, LoadAssignment> endpoints, List<Rejection> rejections) {
    Map<String, Cluster> compiled = new HashMap<>();
    zone = zone(snapshot, endpoints);
    hostNames.begin();
    each(
        snapshot,
        ResourceType.CLUSTER,
        rejections,
        resource -> {
          if (resource instanceof ClusterConfig config) {
            compiled.put(config.name(), cluster(config, endpoints));
          }
        });
    hostNames.commit();
    return compiled;
  }

  /** The proxies like this one, where the bootstrap names their cluster. */
  private Optional<LocalZone> zone(XdsSnapshot snapshot, Map<String, LoadAssignment> endpoints) {
    if (!(snapshot.of(ResourceType.CLUSTER).get(home.cluster()) instanceof ClusterConfig own)) {
      return Optional.empty();
    }
    return switch (own.discovery()) {
      case Discovery.Eds(var name) ->
          Optional.ofNullable(endpoints.get(name))
              .map(hosts -> LocalZone.of(home.locality(), hosts));
      case Discovery.Static(var hosts) -> Optional.of(LocalZone.of(home.locality(), hosts));
      case Discovery.StrictDns(var names) -> Optional.of(LocalZone.of(home.locality(), names));
      case Discovery.OriginalDestination original -> Optional.empty();
    };
  }

  /** Each name's addresses, with weight and place of the name. */
  private LoadAssignment resolved(LoadAssignment names) {
    return new LoadAssignment(
        names.name(),
        names.localities().stream()
            .map(group ->
                new LocalityEndpoints(
                    group.locality(),
                    group.priority(),
                    group.weight(),
                    group.endpoints().stream()
                        .flatMap(named ->
                            hostNames.addresses(named.address()).stream()
                                .map(address ->
                                    new Endpoint(
                                        address,
                                        named.health(),
                                        named.weight(),
                                        named.meshTls(),
                                        named.workload(),
                                        named.hostname().isEmpty()
                                            ? named.address().address()
                                            : named.hostname(),
                                        named.labels())))
                        .toList()))
            .toList(),
        names.overprovisioning());
  }

  private Cluster cluster(ClusterConfig config, Map<String, LoadAssignment> endpoints)
      throws Unusable {
    Optional<LoadAssignment> assignment =
        switch (config.discovery()) {
          case Discovery.Eds eds ->
              Optional.of(
                  endpoints.getOrDefault(
                      eds.serviceName(), new LoadAssignment(eds.serviceName(), List.of())));
          case Discovery.Static known -> Optional.of(literal(known.endpoints()));
          case Discovery.StrictDns dns -> Optional.of(resolved(dns.names()));
          case Discovery.OriginalDestination original -> Optional.empty();
        };
    Optional<Cluster.Tls> transport;
    try {
      transport =
          switch (config.transport()) {
            case Transport.Plaintext plain -> Optional.empty();
            case Transport.Tls with -> Optional.of(tls.client(with.tls(), false));
            case Transport.Auto auto -> Optional.of(tls.client(auto.tls(), true));
          };
    } catch (SSLException e) {
      throw new Unusable("transport_socket: " + e.getMessage());
    }
    Optional<LocalZone> near = config.balancing().zoneAware().flatMap(zones -> zone);
    Cluster before = clusters.get(config.name());
    if (before != null
        && before.config().equals(config)
        && before.endpoints().equals(assignment)
        && before.tls().equals(transport)
        && before.zone().equals(near)) {
      return before;
    }
    int id = clusterIds.computeIfAbsent(config.name(), name -> clusterIds.size());
    return new Cluster(id, generation, config, assignment, transport, near);
  }

  // ---- routes

  private Map<String, RouteTable> routes(
      XdsSnapshot snapshot, Map<String, Cluster> byName, List<Rejection> rejections) {
    Map<String, RouteTable> tables = new HashMap<>();
    each(
        snapshot,
        ResourceType.ROUTE,
        rejections,
        resource -> {
          if (resource instanceof RouteTableConfig config) {
            CompiledRoutes routes = routes(config.name(), config);
            tables.put(config.name(), new RouteTable(routes, byName));
          }
        });
    return tables;
  }

  private CompiledRoutes routes(String key, RouteTableConfig config) throws Unusable {
    CompiledRoutes before = lastRoutes.get(key);
    if (before != null && before.config().equals(config)) {
      compiledRoutes.put(key, before);
      return before;
    }
    return switch (CompiledRoutes.compile(config)) {
      case CompiledRoutes.Compilation.Compiled compiled -> {
        compiledRoutes.put(key, compiled.routes());
        yield compiled.routes();
      }
      case CompiledRoutes.Compilation.Invalid invalid ->
          throw new Unusable(String.join("; ", invalid.errors()));
    };
  }

  // ---- listeners

  /** The same as before where nothing changed: they know what they have seen of the traffic. */
  private HttpFilters filters(
      ListenerConfig listener, FilterChain chain, NetworkFilter.HttpConnection http) {
    String key = LiveConfig.inlineName(listener.name(), chain.name());
    KnownFilters before = lastFilters.get(key);
    KnownFilters known =
        before != null && before.config().equals(http.filters())
            ? before
            : new KnownFilters(http.filters(), HttpFilters.compile(http));
    filters.put(key, known);
    return known.compiled();
  }

  /** Who has passed it under the last configuration still counts. */
  private ConnectionGate gate(ListenerConfig listener, FilterChain chain, ConnectionLimit limit) {
    String key = LiveConfig.inlineName(listener.name(), chain.name());
    ConnectionGate gate = lastGates.getOrDefault(key, new ConnectionGate(limit.maxConnections()));
    gate.limit(limit.maxConnections());
    gates.put(key, gate);
    return gate;
  }

  private Map<String, CompiledListener> listeners(
      XdsSnapshot snapshot,
      Map<String, Cluster> byName,
      Map<String, RouteTable> tables,
      List<Rejection> rejections) {
    Map<String, CompiledListener> compiled = new HashMap<>();
    each(
        snapshot,
        ResourceType.LISTENER,
        rejections,
        resource -> {
          if (resource instanceof ListenerConfig config) {
            compiled.put(config.name(), listener(config, byName, tables));
          }
        });
    return compiled;
  }

  private CompiledListener listener(
      ListenerConfig config, Map<String, Cluster> byName, Map<String, RouteTable> tables)
      throws Unusable {
    if (!config.address().isPipe()
        && NetUtil.createByteArrayFromIpAddressString(config.address().address()) == null) {
      throw new Unusable("address: " + config.address() + " (expected: an IP address and a port)");
    }
    List<CompiledChain> chains = new ArrayList<>();
    for (FilterChain chain : config.chains()) {
      chains.add(chain(config, chain, byName, tables));
    }
    Optional<CompiledChain> fallback = Optional.empty();
    if (config.defaultChain().isPresent()) {
      fallback = Optional.of(chain(config, config.defaultChain().get(), byName, tables));
    }
    return new CompiledListener(
        config,
        new ChainTable(chains, fallback),
        opened("access_log", () -> logs.compileOnly(config.accessLog())));
  }

  /** Logs whose files may not open and whose formats may be wrong. */
  private interface Opening {
    CompiledLogs open() throws IOException;
  }

  private static CompiledLogs opened(String where, Opening opening) throws Unusable {
    try {
      return opening.open();
    } catch (IOException | IllegalArgumentException e) {
      throw new Unusable(where + ": " + e.getMessage());
    }
  }

  private CompiledLogs logs(FilterChain chain) throws Unusable {
    List<AccessLog> named =
        switch (chain.filter()) {
          case NetworkFilter.HttpConnection http -> http.accessLog();
          case NetworkFilter.TcpProxy tcp -> tcp.accessLog();
        };
    return opened("filter chain " + chain.name() + ": access_log", () -> logs.compile(named));
  }

  private CompiledChain chain(
      ListenerConfig listener,
      FilterChain chain,
      Map<String, Cluster> byName,
      Map<String, RouteTable> tables)
      throws Unusable {
    if (chain.filter() instanceof NetworkFilter.HttpConnection http
        && http.routes() instanceof NetworkFilter.Routes.Inline inline) {
      String key = LiveConfig.inlineName(listener.name(), chain.name());
      CompiledRoutes routes = routes(key, inline.table());
      tables.put(key, new RouteTable(routes, byName));
    }
    if (chain.filter() instanceof NetworkFilter.TcpProxy tcp
        && tcp.clusters().stream().mapToLong(c -> c.weight()).sum() == 0) {
      throw new Unusable("filter chain " + chain.name() + ": all weights are 0 (expected: >= 1)");
    }
    CompiledLogs logs = logs(chain);
    try {
      return new CompiledChain(
          chain,
          chain.tls().isPresent() ? Optional.of(tls.server(chain.tls().get())) : Optional.empty(),
          chain.access().stream().map(CompiledAccess::compile).toList(),
          chain.filter() instanceof NetworkFilter.HttpConnection http
              ? filters(listener, chain, http)
              : HttpFilters.NONE,
          chain.limit().map(limit -> gate(listener, chain, limit)),
          logs);
    } catch (IllegalArgumentException e) {
      throw new Unusable("filter chain " + chain.name() + ": rbac: " + e.getMessage());
    } catch (SSLException e) {
      throw new Unusable("filter chain " + chain.name() + ": tls: " + e.getMessage());
    }
  }
}
