package dev.meshctl.model.xds.translation;

import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.NameTable;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ProxyNode.Capture;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SecretConfig;
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
 * <p>Secrets are not among them: whoever serves a snapshot adds the trust bundle ({@link
 * SecretConfig#TRUST_BUNDLE}), which only it knows.
 *
 * <p>Threads: any.
 */
public final class MeshTranslation {
  private final MeshView view;
  private final Interning interning;
  private final Map<SidecarScope.Key, SidecarScope> sidecars = new ConcurrentHashMap<>();
  private final Map<EdgeScope.Key, EdgeScope> edges = new ConcurrentHashMap<>();

  private MeshTranslation(MeshView view, Interning interning) {
    this.view = view;
    this.interning = interning;
  }

  public static MeshTranslation of(ValidatedMesh mesh, MeshInventory inventory) {
    return new MeshTranslation(MeshView.of(mesh, inventory), new Interning());
  }

  /** The translation of what came after this one; what did not change stays the same object. */
  public MeshTranslation next(ValidatedMesh mesh, MeshInventory inventory) {
    MeshView now = mesh.equals(view.mesh()) ? view.with(inventory) : MeshView.of(mesh, inventory);
    return new MeshTranslation(now, interning.next());
  }

  /** Everything that {@code node} is told, but for secrets. */
  public XdsSnapshot snapshotFor(ProxyNode node) {
    return switch (node.capture()) {
      case Capture.Explicit explicit -> explicit(node, explicit);
      case Capture.Transparent transparent -> transparent(node, transparent);
      case Capture.Edge edge -> edge(node, edge);
    };
  }

  /**
   * The listener by which {@code client} reaches a port of a service, named after it; empty where
   * there is none. It is among those of {@link #snapshotFor} under each address that the service
   * has for the client.
   */
  public Optional<ListenerConfig> outbound(ProxyNode client, MeshService service, int port) {
    return scope(client, client.capture() instanceof Capture.Transparent).ports().stream()
        .filter(known -> known.service().equals(service) && known.number() == port)
        .findFirst()
        .map(known ->
            known.listenerAt(
                service.hostname() + ":" + port,
                new SocketEndpoint(service.hostname(), port),
                false,
                known.routes()));
  }

  private XdsSnapshot explicit(ProxyNode node, Capture.Explicit capture) {
    SidecarScope scope = scope(node, false);
    InboundListeners.Inbound inbound =
        new InboundListeners(view, node)
            .explicit(capture.proxyAddress(), capture.workloadAddress());
    List<ListenerConfig> listeners = new ArrayList<>(inbound.listeners());
    listeners.addAll(OutboundListeners.explicit(view, scope, capture));
    return new XdsSnapshot(sidecar(scope, inbound, listeners));
  }

  private XdsSnapshot transparent(ProxyNode node, Capture.Transparent capture) {
    SidecarScope scope = scope(node, true);
    InboundListeners.Inbound inbound = new InboundListeners(view, node).transparent();
    List<ListenerConfig> listeners = new ArrayList<>(inbound.listeners());
    OutboundListeners.transparent(view, scope).stream()
        // What others send to us must not be handed to where we would send it.
        .filter(listener -> !listener.address().address().equals(capture.podAddress()))
        .forEach(listeners::add);
    Map<ResourceType, Map<String, XdsResource>> resources = sidecar(scope, inbound, listeners);
    NameTable names = interning.intern(Names.of(view));
    resources.put(ResourceType.NAMES, Map.of(names.name(), names));
    return new XdsSnapshot(resources);
  }

  private SidecarScope scope(ProxyNode node, boolean transparent) {
    Map<String, String> labels = new HashMap<>(node.labels());
    labels.keySet().retainAll(view.sourceLabels());
    return sidecars.computeIfAbsent(
        new SidecarScope.Key(node.namespace(), transparent, Map.copyOf(labels), view.placeOf(node)),
        key -> new SidecarScope(view, key, interning));
  }

  private Map<ResourceType, Map<String, XdsResource>> sidecar(
      SidecarScope scope, InboundListeners.Inbound inbound, List<ListenerConfig> listeners) {
    Map<String, XdsResource> clusters = new LinkedHashMap<>(scope.clusters());
    clusters.putAll(interning.byName(inbound.clusters()));
    Map<ResourceType, Map<String, XdsResource>> resources = new EnumMap<>(ResourceType.class);
    resources.put(ResourceType.CLUSTER, clusters);
    resources.put(ResourceType.ENDPOINTS, scope.endpoints());
    resources.put(ResourceType.LISTENER, interning.byName(listeners));
    resources.put(ResourceType.ROUTE, scope.routes());
    return resources;
  }

  private XdsSnapshot edge(ProxyNode node, Capture.Edge capture) {
    EdgeScope scope =
        edges.computeIfAbsent(
            new EdgeScope.Key(
                node.namespace(), capture.bindAddress(), node.labels(), view.placeOf(node)),
            key -> new EdgeScope(view, key, interning));
    Map<ResourceType, Map<String, XdsResource>> resources = new EnumMap<>(ResourceType.class);
    resources.put(ResourceType.CLUSTER, scope.clusters());
    resources.put(ResourceType.ENDPOINTS, scope.endpoints());
    resources.put(ResourceType.LISTENER, interning.byName(scope.listeners()));
    resources.put(ResourceType.ROUTE, interning.byName(scope.routes()));
    return new XdsSnapshot(resources);
  }
}
