package dev.meshctl.model.testkit;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.BackendRef;
import dev.meshctl.model.resource.Deployment;
import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.resource.HeaderEdits;
import dev.meshctl.model.resource.HttpRoute;
import dev.meshctl.model.resource.IstioGateway;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.ParentRef;
import dev.meshctl.model.resource.PodTemplate;
import dev.meshctl.model.resource.PortRef;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.source.Position;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.WorkloadInstance;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Builds a mesh, and what runs in it, in a few words. Everything is in one namespace. */
public final class MeshScene {
  private final String namespace;
  private final List<MeshResource> resources = new ArrayList<>();
  private final List<WorkloadInstance> instances = new ArrayList<>();

  public MeshScene(String namespace) {
    this.namespace = namespace;
  }

  /** A ClusterIP Service named {@code name} over pods that carry {@code selector}. */
  public MeshScene service(
      String name, Map<String, String> selector, int port, AppProtocol protocol) {
    resources.add(
        new Service(
            metadata(name, Map.of("app", selector.getOrDefault("app", name))),
            Service.Type.CLUSTER_IP,
            selector,
            List.of(new Service.Port("p", port, new PortRef.Number(port), 0, protocol)),
            false,
            "",
            Service.SessionAffinity.NONE));
    return this;
  }

  public MeshScene externalName(String name, String target, int port) {
    resources.add(
        new Service(
            metadata(name, Map.of()),
            Service.Type.EXTERNAL_NAME,
            Map.of(),
            List.of(new Service.Port("http", port, new PortRef.Number(port), 0, AppProtocol.HTTP)),
            false,
            target,
            Service.SessionAffinity.NONE));
    return this;
  }

  /** A Deployment {@code app-version} of which {@code ready} replicas run. */
  public MeshScene workload(String app, String version, int replicas, int ready) {
    return workload(app + "-" + version, Map.of("app", app, "version", version), replicas, ready);
  }

  public MeshScene workload(String name, Map<String, String> labels, int replicas, int ready) {
    resources.add(
        new Deployment(
            metadata(name, labels),
            replicas,
            labels,
            new PodTemplate(labels, Map.of(), name, List.of())));
    for (int i = 0; i < replicas; i++) {
      instances.add(
          new WorkloadInstance(
              name + "-" + i,
              namespace,
              name,
              name,
              labels,
              "127.77.2." + (instances.size() + 1),
              Map.of(),
              LoadAssignment.Locality.NONE,
              i < ready,
              true));
    }
    return this;
  }

  /** Subsets named and labelled after versions. */
  public MeshScene versions(String host, String... versions) {
    List<DestinationRule.Subset> subsets = new ArrayList<>();
    for (String version : versions) {
      subsets.add(
          new DestinationRule.Subset(version, Map.of("version", version), Optional.empty()));
    }
    resources.add(
        new DestinationRule(metadata(host, Map.of()), host, Optional.empty(), subsets, List.of()));
    return this;
  }

  /** A VirtualService for calls inside the mesh, with one rule. */
  public MeshScene split(String host, Map<String, Integer> weights) {
    List<VirtualService.RouteDestination> route = new ArrayList<>();
    weights.forEach((subset, weight) -> route.add(destination(host, subset, weight)));
    return virtualService(host, List.of(host), List.of(), List.of(rule("versions", route)));
  }

  public MeshScene virtualService(
      String name, List<String> hosts, List<String> gateways, List<VirtualService.HttpRule> rules) {
    resources.add(
        new VirtualService(
            metadata(name, Map.of()), hosts, gateways, rules, List.of(), List.of(), List.of()));
    return this;
  }

  public static VirtualService.HttpRule rule(
      String name, List<VirtualService.RouteDestination> route) {
    return new VirtualService.HttpRule(
        name,
        List.of(),
        new VirtualService.HttpAction.Forward(
            route,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of()),
        HeaderEdits.NONE);
  }

  public static VirtualService.RouteDestination destination(
      String host, String subset, int weight) {
    return new VirtualService.RouteDestination(
        new VirtualService.Destination(host, subset, 0), weight, HeaderEdits.NONE);
  }

  public MeshScene istioGateway(String name, String istioLabel) {
    resources.add(
        new IstioGateway(
            metadata(name, Map.of()),
            Map.of("istio", istioLabel),
            List.of(new IstioGateway.Server("http", 8080, AppProtocol.HTTP, List.of("*")))));
    return this;
  }

  public MeshScene kubernetesGateway(String name) {
    resources.add(
        new KubernetesGateway(
            metadata(name, Map.of()),
            "meshctl",
            List.of(
                new KubernetesGateway.Listener(
                    "http",
                    8081,
                    AppProtocol.HTTP,
                    "",
                    KubernetesGateway.AllowedRoutes.SAME_NAMESPACE,
                    Optional.empty())),
            List.of()));
    return this;
  }

  /** An HTTPRoute with one rule that matches everything. */
  public MeshScene httpRoute(
      String name, ParentRef.Kind parentKind, String parent, Map<String, Integer> backends) {
    List<BackendRef> refs = new ArrayList<>();
    backends.forEach(
        (service, weight) -> refs.add(new BackendRef(namespace, service, 9080, weight)));
    resources.add(
        new HttpRoute(
            metadata(name, Map.of()),
            List.of(new ParentRef(parentKind, namespace, parent, "", 0)),
            List.of(),
            List.of(
                new HttpRoute.Rule(
                    name + "-rule",
                    List.of(),
                    List.of(),
                    refs,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty()))));
    return this;
  }

  public MeshScene add(MeshResource resource) {
    resources.add(resource);
    return this;
  }

  public ValidatedMesh mesh() {
    List<Located<? extends MeshResource>> located = new ArrayList<>();
    resources.stream()
        .sorted(Comparator.comparing(resource -> resource.id().toString()))
        .forEach(resource ->
            located.add(new Located<>(resource, Map.of("", new Position("scene.yaml", 1, 1)))));
    return new ValidatedMesh("cluster.local", "istio-system", located);
  }

  public MeshInventory inventory() {
    return new MeshInventory(instances, Map.of(), "");
  }

  public Metadata metadata(String name, Map<String, String> labels) {
    return new Metadata(namespace, name, labels, Map.of());
  }
}
