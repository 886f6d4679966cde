package dev.meshctl.controlplane.kubernetes.gateway;

import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ObjectKind;
import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.KubernetesGateway;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What one Gateway is served by: a ServiceAccount, a Service and a Deployment beside it, which
 * belong to it and go with it. The pods are made by the injector, of its template for gateways.
 * Fields that are not written here, as {@code replicas}, are anybody's to set. Pure.
 *
 * <p>Source: Gateway API, GEP-1762 (in-cluster gateway deployments) and {@code GatewaySpec}.
 */
final class GatewayObjects {
  static final ObjectKind GATEWAY = new ObjectKind("gateway.networking.k8s.io/v1", "Gateway");
  static final ObjectKind DEPLOYMENT = new ObjectKind("apps/v1", "Deployment");
  static final ObjectKind SERVICE = new ObjectKind("v1", "Service");

  /** Istio's annotation of a Gateway: {@code LoadBalancer} (as without it), {@code ClusterIP}, … */
  static final String SERVICE_TYPE = "networking.istio.io/service-type";

  private static final List<String> SERVICE_TYPES =
      List.of("LoadBalancer", "ClusterIP", "NodePort");

  /** Nodes go on sending to a pod that ends, for a moment. */
  private static final int GRACE_SECONDS = 30;

  private final KubernetesGateway gateway;
  private final String uid;
  private final String revision;

  /**
   * @param uid of the Gateway
   * @param revision whose sidecar its pods are: {@code default} for the one without a name
   */
  GatewayObjects(KubernetesGateway gateway, String uid, String revision) {
    this.gateway = gateway;
    this.uid = uid;
    this.revision = revision;
  }

  /** In the order in which they are made. */
  List<ClusterObject> all() {
    return List.of(
        new ClusterObject(object("v1", "ServiceAccount")),
        new ClusterObject(service()),
        new ClusterObject(deployment()));
  }

  private ObjectNode object(String apiVersion, String kind) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", apiVersion).put("kind", kind);
    ObjectNode metadata = object.putObject("metadata");
    metadata.put("name", gateway.servedBy()).put("namespace", gateway.metadata().namespace());
    labels(metadata.putObject("labels"), true);
    annotations(metadata);
    metadata
        .putArray("ownerReferences")
        .addObject()
        .put("apiVersion", GATEWAY.apiVersion())
        .put("kind", GATEWAY.kind())
        .put("name", gateway.metadata().name())
        .put("uid", uid)
        .put("controller", true);
    return object;
  }

  /**
   * A user's first, so that they cannot take ours away.
   *
   * @param ofOurs whether it is an object that uninstalling takes away
   */
  private void labels(ObjectNode labels, boolean ofOurs) {
    Map<String, String> all = new TreeMap<>(gateway.infrastructure().labels());
    all.put(KubernetesGateway.NAME_LABEL, gateway.nameLabel());
    if (ofOurs) {
      all.put("app.kubernetes.io/part-of", "meshctl");
      all.put("install.meshctl.dev/shared", "true");
    }
    all.forEach(labels::put);
  }

  private void annotations(ObjectNode metadata) {
    if (!gateway.infrastructure().annotations().isEmpty()) {
      ObjectNode annotations = metadata.putObject("annotations");
      gateway.infrastructure().annotations().forEach(annotations::put);
    }
  }

  private ObjectNode service() {
    ObjectNode object = object("v1", "Service");
    ObjectNode spec = object.putObject("spec");
    spec.put("type", serviceType());
    spec.putObject("selector").put(KubernetesGateway.NAME_LABEL, gateway.nameLabel());
    ArrayNode ports = spec.putArray("ports");
    ports()
        .forEach((port, protocol) -> {
          String word = word(protocol);
          ports
              .addObject()
              .put("name", word + "-" + port)
              .put("port", port)
              .put("targetPort", port)
              .put("protocol", "TCP")
              .put("appProtocol", word);
        });
    return object;
  }

  /** Of the Service; an annotation that says nothing that there is counts as none. */
  String serviceType() {
    String said = gateway.metadata().annotations().getOrDefault(SERVICE_TYPE, "");
    return SERVICE_TYPES.contains(said) ? said : SERVICE_TYPES.getFirst();
  }

  /** Listeners of one port share it; the first says what is spoken there. */
  private Map<Integer, AppProtocol> ports() {
    Map<Integer, AppProtocol> ports = new LinkedHashMap<>();
    for (KubernetesGateway.Listener listener : gateway.listeners()) {
      if (listener.protocol() != AppProtocol.UDP && listener.protocol() != AppProtocol.UNKNOWN) {
        ports.putIfAbsent(listener.port(), listener.protocol());
      }
    }
    return ports;
  }

  private static String word(AppProtocol protocol) {
    return protocol.name().toLowerCase(Locale.ROOT);
  }

  private ObjectNode deployment() {
    ObjectNode object = object("apps/v1", "Deployment");
    ObjectNode spec = object.putObject("spec");
    spec.putObject("selector")
        .putObject("matchLabels")
        .put(KubernetesGateway.NAME_LABEL, gateway.nameLabel());
    // A new pod serves before an old one goes.
    spec.putObject("strategy")
        .put("type", "RollingUpdate")
        .putObject("rollingUpdate")
        .put("maxSurge", 1)
        .put("maxUnavailable", 0);
    ObjectNode template = spec.putObject("template");
    ObjectNode metadata = template.putObject("metadata");
    ObjectNode labels = metadata.putObject("labels");
    labels(labels, false);
    labels.put("sidecar.istio.io/inject", "true").put("istio.io/rev", revision);
    annotations(metadata);
    metadata.withObjectProperty("annotations").put("inject.istio.io/templates", "gateway");
    template.set("spec", pod());
    return object;
  }

  private ObjectNode pod() {
    ObjectNode pod = JsonNodeFactory.instance.objectNode();
    pod.put("serviceAccountName", gateway.servedBy());
    pod.put("terminationGracePeriodSeconds", GRACE_SECONDS);
    // Ports below 1024 without a capability; what Pod Security `restricted` lets through.
    pod.putObject("securityContext")
        .putArray("sysctls")
        .addObject()
        .put("name", "net.ipv4.ip_unprivileged_port_start")
        .put("value", "0");
    ObjectNode container = pod.putArray("containers").addObject();
    container.put("name", "istio-proxy").put("image", "auto");
    List<Integer> listening = new ArrayList<>(ports().keySet());
    if (!listening.isEmpty()) {
      ArrayNode ports = container.putArray("ports");
      listening.forEach(
          port -> ports.addObject().put("containerPort", port).put("protocol", "TCP"));
    }
    return pod;
  }
}
