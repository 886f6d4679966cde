package dev.meshctl.model.topology;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.resource.ServiceEntry;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.traffic.ServiceRegistry;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Every host that the mesh knows, as a node of the graph. */
final class ServiceDirectory {
  private final ServiceRegistry registry;
  private final Map<String, Entry> byHost;
  private final Set<String> exposed;

  private ServiceDirectory(
      ServiceRegistry registry, Map<String, Entry> byHost, Set<String> exposed) {
    this.exposed = exposed;
    this.registry = registry;
    this.byHost = Collections.unmodifiableMap(byHost);
  }

  /**
   * @param host fully qualified
   * @param selector of its workloads; empty where it has none of its own
   * @param alias host that an ExternalName stands for, else empty
   * @param external lies outside of the mesh
   */
  record Entry(
      String node,
      String host,
      String namespace,
      String name,
      String app,
      Map<String, String> selector,
      List<Port> ports,
      String alias,
      boolean external) {
    Entry {
      selector = Map.copyOf(selector);
      ports = List.copyOf(ports);
    }

    /** The port of this number, else the first of the layer. */
    AppProtocol protocol(int port, Layer layer) {
      return ports.stream()
          .filter(candidate -> candidate.number() == port)
          .findFirst()
          .or(() ->
              ports.stream()
                  .filter(candidate -> Layer.of(candidate.protocol()) == layer)
                  .findFirst())
          .map(Port::protocol)
          .orElse(layer == Layer.REQUESTS ? AppProtocol.HTTP : AppProtocol.TCP);
    }
  }

  record Port(int number, AppProtocol protocol) {}

  static ServiceDirectory of(ValidatedMesh mesh) {
    Map<String, String> apps = new HashMap<>();
    for (Service service : mesh.all(Service.class)) {
      String app = service.metadata().labels().get("app");
      if (app != null) {
        apps.put(service.metadata().namespace() + "/" + service.metadata().name(), app);
      }
    }
    ServiceRegistry registry = ServiceRegistry.of(mesh);
    Map<String, Entry> byHost = new LinkedHashMap<>();
    for (MeshService service : registry.all()) {
      byHost.put(service.hostname(), entry(service, apps));
    }
    for (Entry entry : List.copyOf(byHost.values())) {
      if (!entry.alias().isEmpty() && registry.find(entry.alias()).isEmpty()) {
        byHost.put(entry.alias(), outside(entry.alias()));
      }
    }
    Set<String> exposed =
        mesh.all(Service.class).stream()
            .filter(service ->
                service.type() == Service.Type.NODE_PORT
                    || service.type() == Service.Type.LOAD_BALANCER)
            .map(service ->
                NodeIds.service(service.metadata().namespace(), service.metadata().name()))
            .collect(Collectors.toSet());
    return new ServiceDirectory(registry, byHost, exposed);
  }

  private static Entry entry(MeshService service, Map<String, String> apps) {
    String namespace = service.namespace();
    String name = service.name();
    String app = apps.getOrDefault(namespace + "/" + name, name);
    List<Port> ports =
        service.ports().stream().map(port -> new Port(port.number(), port.protocol())).toList();
    String host = service.hostname();
    return switch (service.backing()) {
      case MeshService.Backing.Workloads workloads ->
          new Entry(
              NodeIds.service(namespace, name),
              host,
              namespace,
              name,
              app,
              workloads.selector(),
              ports,
              "",
              false);
      case MeshService.Backing.Alias alias ->
          new Entry(
              NodeIds.service(namespace, name),
              host,
              namespace,
              name,
              app,
              Map.of(),
              ports,
              alias.externalName(),
              false);
      case MeshService.Backing.External external -> {
        boolean outside = external.entry().location() == ServiceEntry.Location.MESH_EXTERNAL;
        String node = outside ? NodeIds.external(host) : NodeIds.service(namespace, host);
        Map<String, String> selector = external.entry().workloadSelector().orElse(Map.of());
        yield new Entry(node, host, namespace, host, host, selector, ports, "", outside);
      }
    };
  }

  private static Entry outside(String host) {
    return new Entry(NodeIds.external(host), host, "", host, host, Map.of(), List.of(), "", true);
  }

  /** True for a service that gateways offer without any route (NodePort, LoadBalancer). */
  boolean exposed(String node) {
    return exposed.contains(node);
  }

  Collection<Entry> all() {
    return byHost.values();
  }

  /** The service that {@code host} means to someone in {@code namespace}. */
  Optional<Entry> find(String host, String namespace) {
    Entry exact = byHost.get(HostNames.resolve(host, namespace));
    return exact != null
        ? Optional.of(exact)
        : registry
            .find(host, namespace)
            .flatMap(service -> Optional.ofNullable(byHost.get(service.hostname())));
  }

  /** The same service as the look-ups of routes know it. */
  Optional<MeshService> registered(Entry entry) {
    return registry.find(entry.host());
  }
}
