package dev.meshctl.injector.mutation;

import dev.meshctl.injector.mutation.InjectionSettings.Ports;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the proxy of a pod reads at its start ({@code app.config.ProxyBootstrap} as JSON), with
 * {@code $(POD_IP)} and others left for the kubelet to fill in.
 */
final class Bootstrap {
  private Bootstrap() {}

  static ObjectNode of(ProxyOptions options, ArrayNode probes) {
    InjectionSettings settings = options.settings();
    Ports ports = settings.ports();
    ObjectNode bootstrap = Trees.object("node", node(options));
    bootstrap.put("trustDomain", settings.trustDomain());
    bootstrap.put("discoveryAddress", settings.discoveryAddress());
    bootstrap.put("trustBundleFile", PodVolumes.ROOT_CERTIFICATE);
    bootstrap.put("tokenFile", PodVolumes.TOKEN);
    bootstrap.put("adminAddress", "127.0.0.1:" + ports.admin());
    bootstrap.put("healthAddress", "$(POD_IP):" + ports.health());
    boolean dns = options.isCaptured() && settings.captureDns();
    bootstrap.put("dnsAddress", dns ? "127.0.0.1:" + ports.dns() : "");
    bootstrap.put("accessLog", settings.accessLog());
    bootstrap.put("workerThreads", options.workerThreads());
    bootstrap.put("drainSeconds", options.drainSeconds());
    if (!options.isNative()) {
      // It is told to end when its pod is, and others hear of that later. A native sidecar is told
      // when the pod's containers have ended.
      bootstrap.put("lingerSeconds", options.drainSeconds());
    }
    if (!probes.isEmpty()) {
      bootstrap.put("probeAddress", "$(POD_IP):" + options.probePort());
      bootstrap.set("probes", probes);
    }
    return bootstrap;
  }

  private static ObjectNode node(ProxyOptions options) {
    PodSubject pod = options.pod();
    boolean gateway = options.isGateway();
    ObjectNode labels = Trees.object();
    Map<String, String> sorted = new TreeMap<>(pod.labels());
    sorted.keySet().removeIf(PodSubject::isOfController);
    sorted.forEach(labels::put);
    return Trees.object(
        "id",
        (gateway ? "router" : "sidecar")
            + "~$(POD_IP)~$(POD_NAME).$(POD_NAMESPACE)~$(POD_NAMESPACE).svc.cluster.local",
        "role",
        gateway ? "GATEWAY" : "SIDECAR",
        "namespace",
        "$(POD_NAMESPACE)",
        "workload",
        pod.workload(),
        "instance",
        "$(POD_NAME)",
        "serviceAccount",
        "$(SERVICE_ACCOUNT)",
        "labels",
        labels,
        "capture",
        gateway
            ? Trees.object("mode", "edge", "bindAddress", "$(POD_IP)")
            : Trees.object(
                "mode", "transparent", "podAddress", "$(POD_IP)", "otherAddress", "$(POD_IPS)"));
  }
}
