package dev.meshctl.model.explain;

import dev.meshctl.model.resource.IstioGateway;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.ProxyNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The gateways of a mesh: the usual one, which serves the Gateway API too, and one for every other
 * selector of an Istio Gateway.
 */
public final class Gateways {
  /** As Istio calls its own, and a mesh on one machine too. */
  public static final String USUAL = "istio-ingressgateway";

  private static final Map<String, String> USUAL_LABELS =
      Map.of("app", USUAL, "istio", "ingressgateway");

  private Gateways() {}

  /** The usual one first. */
  public static List<ProxyNode> of(ValidatedMesh mesh) {
    Map<String, ProxyNode> others = new TreeMap<>();
    for (IstioGateway gateway : mesh.all(IstioGateway.class)) {
      Map<String, String> selector = new TreeMap<>(gateway.selector());
      if (!USUAL_LABELS.entrySet().containsAll(selector.entrySet())) {
        String name = name(selector);
        others.putIfAbsent(name, node(mesh, name, selector));
      }
    }
    List<ProxyNode> all = new ArrayList<>();
    all.add(node(mesh, USUAL, USUAL_LABELS));
    all.addAll(others.values());
    return all;
  }

  /**
   * The gateway of a name: its own, that of an Istio Gateway that selects it, or of a Gateway of
   * the Gateway API; each may begin with its namespace and a slash.
   */
  public static Optional<ProxyNode> named(ValidatedMesh mesh, String name) {
    for (ProxyNode node : of(mesh)) {
      if (is(name, node.namespace(), node.workload())) {
        return Optional.of(node);
      }
    }
    for (IstioGateway gateway : mesh.all(IstioGateway.class)) {
      if (is(name, gateway.metadata().namespace(), gateway.metadata().name())) {
        return of(mesh).stream()
            .filter(node -> node.labels().entrySet().containsAll(gateway.selector().entrySet()))
            .findFirst();
      }
    }
    return mesh.all(KubernetesGateway.class).stream()
        .filter(gateway -> is(name, gateway.metadata().namespace(), gateway.metadata().name()))
        .findFirst()
        .map(gateway -> of(mesh).getFirst());
  }

  private static boolean is(String written, String namespace, String name) {
    return written.equals(name) || written.equals(namespace + "/" + name);
  }

  private static String name(Map<String, String> selector) {
    String istio = selector.get("istio");
    if (istio != null) {
      return "istio-" + istio;
    }
    return selector.getOrDefault("app", String.join("-", selector.values()));
  }

  private static ProxyNode node(ValidatedMesh mesh, String name, Map<String, String> labels) {
    return new ProxyNode(
        "router~0.0.0.0~" + name + "-0." + mesh.rootNamespace(),
        ProxyNode.Role.GATEWAY,
        mesh.rootNamespace(),
        name,
        name + "-0",
        name + "-service-account",
        labels,
        new ProxyNode.Capture.Edge("0.0.0.0"));
  }
}
