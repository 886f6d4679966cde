package dev.meshctl.capture.node;

import dev.meshctl.capture.node.ServicePort.Front;
import dev.meshctl.capture.node.ServicePort.FrontKind;
import dev.meshctl.model.resource.EndpointSlice;
import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.resource.Service.SessionAffinity;
import dev.meshctl.model.resource.Service.Type;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads what a {@link NodePlan} holds. */
final class Planner {
  /** Services with this label are somebody else's to carry (kube-proxy honours it alike). */
  private static final String OTHER_PROXY = "service.kubernetes.io/service-proxy-name";

  private final ValidatedMesh mesh;
  private final NodeView node;
  private final IpFamily family;
  private final Map<String, List<Located<EndpointSlice>>> slices = new HashMap<>();

  Planner(ValidatedMesh mesh, NodeView node, IpFamily family) {
    this.mesh = mesh;
    this.node = node;
    this.family = family;
  }

  List<ServicePort> ports() {
    for (Located<EndpointSlice> slice : mesh.located(EndpointSlice.class)) {
      EndpointSlice read = slice.resource();
      if (read.addressType() == family.slices()) {
        read.serviceName()
            .ifPresent(name ->
                slices
                    .computeIfAbsent(
                        read.metadata().namespace() + "/" + name, key -> new ArrayList<>())
                    .add(slice));
      }
    }
    List<ServicePort> ports = new ArrayList<>();
    for (Located<Service> service : mesh.located(Service.class)) {
      if (isCarried(service.resource())) {
        for (int i = 0; i < service.resource().ports().size(); i++) {
          ports.add(port(service, i));
        }
      }
    }
    return ports;
  }

  /** Headless ones and aliases have no address that a node could stand in for. */
  private boolean isCarried(Service service) {
    return !service.headless()
        && service.type() != Type.EXTERNAL_NAME
        && !service.metadata().labels().containsKey(OTHER_PROXY)
        && service.addresses().stream().anyMatch(family::holds);
  }

  private ServicePort port(Located<Service> located, int index) {
    Service service = located.resource();
    Service.Port port = service.ports().get(index);
    String path = "spec.ports[" + index + "]";
    String key = service.metadata().namespace() + "/" + service.metadata().name();
    boolean reachedFromOutside =
        port.nodePort() != 0
            || !service.access().externalIps().isEmpty()
            || !service.access().ingress().isEmpty();
    boolean externalLocal = service.access().externalLocal() && reachedFromOutside;
    // Pods and the node itself are served from anywhere even where policy is Local for others.
    boolean usesCluster = !service.nodeLocal() || reachedFromOutside;
    EndpointChoice choice =
        EndpointChoice.of(
            node,
            slices.getOrDefault(key, List.of()),
            port,
            usesCluster,
            service.nodeLocal() || externalLocal);
    return new ServicePort(
        service.metadata().namespace(),
        service.metadata().name(),
        port.name(),
        port.transport(),
        fronts(located, port, path),
        choice.cluster(),
        choice.local(),
        choice.served(),
        service.nodeLocal(),
        externalLocal,
        service.sessionAffinity() == SessionAffinity.CLIENT_IP
            ? service.access().affinitySeconds()
            : 0,
        choice.omitted(),
        service.type() == Type.LOAD_BALANCER && externalLocal
            ? service.access().healthCheckNodePort()
            : 0,
        Origin.of(located, path),
        Origin.of(located, written(located, "spec.internalTrafficPolicy", path)),
        Origin.of(located, written(located, "spec.externalTrafficPolicy", path)));
  }

  private static String written(Located<Service> located, String field, String otherwise) {
    return located.fields().containsKey(field) ? field : otherwise;
  }

  private List<Front> fronts(Located<Service> located, Service.Port port, String path) {
    Service service = located.resource();
    List<Front> fronts = new ArrayList<>();
    service.addresses().stream()
        .filter(family::holds)
        .findFirst()
        .ifPresent(address ->
            fronts.add(
                new Front(
                    FrontKind.CLUSTER_IP,
                    address,
                    port.port(),
                    Origin.of(located, path + ".port"))));
    List<String> externals = service.access().externalIps();
    for (int i = 0; i < externals.size(); i++) {
      if (family.holds(externals.get(i))) {
        fronts.add(
            new Front(
                FrontKind.EXTERNAL_IP,
                externals.get(i),
                port.port(),
                Origin.of(located, "spec.externalIPs[" + i + "]")));
      }
    }
    List<IpBlock> allowed = allowed(service);
    for (String address : service.access().ingress()) {
      if (family.holds(address)) {
        fronts.add(
            new Front(
                FrontKind.LOAD_BALANCER,
                address,
                port.port(),
                allowed,
                Origin.of(located, "status.loadBalancer.ingress"),
                Origin.of(
                    located,
                    written(
                        located, "spec.loadBalancerSourceRanges", "status.loadBalancer.ingress"))));
      }
    }
    if (port.nodePort() != 0) {
      fronts.add(
          new Front(
              FrontKind.NODE_PORT, "", port.nodePort(), Origin.of(located, path + ".nodePort")));
    }
    return fronts;
  }

  /** A range of everybody is as good as none. */
  private List<IpBlock> allowed(Service service) {
    List<IpBlock> ranges = service.access().sourceRanges().stream().filter(family::holds).toList();
    if (ranges.stream().anyMatch(range -> range.prefixLength() == 0)) {
      return List.of();
    }
    List<IpBlock> allowed = new ArrayList<>(ranges);
    boolean nodeMay =
        node.addresses().stream()
            .anyMatch(
                address -> ranges.stream().anyMatch(range -> IpFamily.contains(range, address)));
    if (nodeMay) {
      // Where the balancer's address is one of the node's, the node itself comes from it.
      service.access().ingress().stream()
          .filter(family::holds)
          .forEach(address -> allowed.add(new IpBlock(address, family.bits())));
    }
    return allowed;
  }
}
