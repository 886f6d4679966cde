package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.AuthorizationPolicy;
import dev.meshctl.model.resource.Sidecar;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ProxyNode.Capture;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SnapshotLayers;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a mesh means to each of its proxies. Equal pieces are one object, in the snapshots of all
 * proxies and from one translation to the next, so whoever serializes them can keep the bytes by
 * identity.
 *
 * <p>Of secrets only those that servers of a gateway name are among them: whoever serves a snapshot
 * adds the trust bundle ({@link SecretConfig#TRUST_BUNDLE}), which only it knows.
 *
 * <p>Threads: any.
 */
public final class MeshTranslation {
  private final MeshView view;
  private final Interning interning;
  private final Map<SidecarScope.Key, SidecarScope> sidecars = new ConcurrentHashMap<>();

  /** Of the translation before this one, where the mesh was the same. */
  private final Map<SidecarScope.Key, SidecarScope> sidecarsBefore;

  private final Map<SidecarScope, ProxylessScope> proxyless = new ConcurrentHashMap<>();
  private final Map<InboundKey, XdsSnapshot> inbounds;
  private final Map<EdgeScope.Key, EdgeScope> edges = new ConcurrentHashMap<>();

  /** Proxyless clients share what sidecars are told, and bind none of it. */
  private static final String ANY_OF_FOUR = "0.0.0.0";

  /**
   * What hangs on a workload alone, as long as the mesh stays; of its address only the version is.
   */
  private record InboundKey(
      String namespace,
      Map<String, String> labels,
      String anyAddress,
      String workloadAddress,
      Map<String, Integer> namedPorts,
      String instance) {}

  private MeshTranslation(
      MeshView view,
      Interning interning,
      Map<InboundKey, XdsSnapshot> inbounds,
      Map<SidecarScope.Key, SidecarScope> sidecarsBefore) {
    this.sidecarsBefore = sidecarsBefore;
    this.view = view;
    this.interning = interning;
    this.inbounds = inbounds;
  }

  public static MeshTranslation of(ValidatedMesh mesh, MeshInventory inventory) {
    return new MeshTranslation(
        MeshView.of(mesh, inventory), new Interning(), new ConcurrentHashMap<>(), Map.of());
  }

  /** The translation of what came after this one; what did not change stays the same object. */
  public MeshTranslation next(ValidatedMesh mesh, MeshInventory inventory) {
    boolean sameMesh = mesh.equals(view.mesh());
    return new MeshTranslation(
        sameMesh ? view.with(inventory) : MeshView.of(mesh, inventory),
        interning.next(),
        sameMesh ? inbounds : new ConcurrentHashMap<>(),
        sameMesh && inventory.isTransparent() == view.inventory().isTransparent()
            ? sidecars
            : Map.of());
  }

  /** Everything that {@code node} is told, but for secrets. */
  public XdsSnapshot snapshotFor(ProxyNode node) {
    return layersFor(node).whole();
  }

  /**
   * As {@link #snapshotFor}, told apart by who else is told it. A part is the same object for all
   * proxies that share it.
   */
  public SnapshotLayers layersFor(ProxyNode node) {
    return switch (node.capture()) {
      case Capture.Explicit explicit -> explicit(node, explicit);
      case Capture.Transparent transparent -> transparent(node, transparent);
      case Capture.Edge edge -> edge(node, edge);
      case Capture.Proxyless client -> proxyless(node);
    };
  }

  /**
   * The listener by which {@code client} reaches a port of a service, named after it; empty where
   * there is none. It is among those of {@link #snapshotFor} under each address that the service
   * has for the client.
   */
  public Optional<ListenerConfig> outbound(ProxyNode client, MeshService service, int port) {
    return scope(client, anyAddress(client)).ports().stream()
        .filter(known ->
            known.service().hostname().equals(service.hostname()) && known.number() == port)
        .findFirst()
        .map(known ->
            known.listenerAt(
                service.hostname() + ":" + port,
                new SocketEndpoint(service.hostname(), port),
                false,
                known.routes()));
  }

  /** The Sidecar that speaks for a proxy; empty where everything is open to it. */
  public Optional<Sidecar> sidecar(ProxyNode node) {
    return view.sidecars().of(node.namespace(), node.labels());
  }

  /** What becomes of a proxy's connections to what nobody has declared. */
  public Sidecar.OutboundTraffic outboundTraffic(ProxyNode node) {
    return sidecar(node)
        .flatMap(Sidecar::outboundTraffic)
        .orElseGet(() -> view.defaults().outbound());
  }

  /**
   * AuthorizationPolicies that speak of a port of a sidecar's workload, whether or not they gave
   * its proxy a rule.
   */
  public List<AuthorizationPolicy> authorizing(ProxyNode node, int port) {
    return view.access().covering(new InboundListeners(view, node).place(port));
  }

  private SnapshotLayers explicit(ProxyNode node, Capture.Explicit capture) {
    SidecarScope scope = scope(node, "");
    InboundListeners.Inbound inbound =
        new InboundListeners(view, node)
            .explicit(capture.proxyAddress(), capture.workloadAddress());
    List<ListenerConfig> listeners = new ArrayList<>(inbound.listeners());
    listeners.addAll(scope.asWanted(OutboundListeners.explicit(view, scope, capture)));
    return new SnapshotLayers(scope.layer(), own(inbound.clusters(), listeners));
  }

  private SnapshotLayers transparent(ProxyNode node, Capture.Transparent capture) {
    SidecarScope scope = scope(node, capture.anyAddress());
    XdsSnapshot inbound =
        inbounds.computeIfAbsent(
            new InboundKey(
                node.namespace(),
                node.labels(),
                capture.anyAddress(),
                capture.workloadAddress(),
                view.workloads().namedPorts(node),
                // Its own name matters only where a slice says it.
                view.backends().isNamed(node.namespace(), node.instance()) ? node.instance() : ""),
            key -> {
              InboundListeners.Inbound own = new InboundListeners(view, node).transparent(capture);
              return own(own.clusters(), own.listeners());
            });
    XdsSnapshot shared = scope.layer();
    if (!scope.hasListenerAt(capture.podAddress())
        && !scope.hasListenerAt(capture.otherAddress())) {
      return new SnapshotLayers(shared, inbound);
    }
    // What others send to us must not be handed to where we would send it.
    Map<ResourceType, Map<String, XdsResource>> without = new EnumMap<>(shared.resources());
    Map<String, XdsResource> listeners = new LinkedHashMap<>(shared.of(ResourceType.LISTENER));
    listeners
        .values()
        .removeIf(listener ->
            listener instanceof ListenerConfig config && capture.isAt(config.address().address()));
    without.put(ResourceType.LISTENER, listeners);
    return SnapshotLayers.alone(new SnapshotLayers(new XdsSnapshot(without), inbound).whole());
  }

  private SnapshotLayers proxyless(ProxyNode node) {
    ProxylessScope scope =
        proxyless.computeIfAbsent(
            scope(node, ANY_OF_FOUR),
            sidecars -> new ProxylessScope(sidecars, node.namespace(), interning));
    return new SnapshotLayers(scope.layer(), XdsSnapshot.EMPTY);
  }

  private XdsSnapshot own(List<ClusterConfig> clusters, List<ListenerConfig> listeners) {
    Map<ResourceType, Map<String, XdsResource>> resources = new EnumMap<>(ResourceType.class);
    resources.put(ResourceType.CLUSTER, interning.byName(clusters));
    resources.put(
        ResourceType.LISTENER,
        interning.byName(listeners.stream().map(view.defaults()::logged).toList()));
    return new XdsSnapshot(resources);
  }

  private static String anyAddress(ProxyNode node) {
    return node.capture() instanceof Capture.Transparent capture ? capture.anyAddress() : "";
  }

  /**
   * @param anyAddress as in {@link SidecarScope.Key}
   */
  private SidecarScope scope(ProxyNode node, String anyAddress) {
    Map<String, String> labels = new HashMap<>(node.labels());
    labels.keySet().retainAll(view.sourceLabels());
    return sidecars.computeIfAbsent(
        new SidecarScope.Key(
            node.namespace(), anyAddress, Map.copyOf(labels), view.placeOf(node), sidecar(node)),
        key -> new SidecarScope(view, key, interning, sidecarsBefore.get(key)));
  }

  private SnapshotLayers edge(ProxyNode node, Capture.Edge capture) {
    EdgeScope scope =
        edges.computeIfAbsent(
            new EdgeScope.Key(
                node.namespace(),
                node.serviceAccount(),
                capture.bindAddress(),
                node.labels(),
                view.placeOf(node)),
            key -> new EdgeScope(view, key, interning));
    return new SnapshotLayers(scope.layer(), XdsSnapshot.EMPTY);
  }
}
