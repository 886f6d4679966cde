package dev.meshctl.injector.mutation;

import dev.meshctl.injector.mutation.InjectionSettings.Ports;
import dev.meshctl.injector.mutation.InjectionSettings.Resources;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The container of the sidecar, or of a gateway's proxy. */
final class ProxyContainer {
  static final String NAME = "istio-proxy";
  static final int USER = 1337;

  private static final String BOOTSTRAP = "MESHCTL_BOOTSTRAP";

  /** Tells the proxy not to serve where nobody has captured its pod. */
  private static final String CAPTURED_BY = "MESHCTL_CAPTURED_BY";

  private final ProxyOptions options;

  ProxyContainer(ProxyOptions options) {
    this.options = options;
  }

  /**
   * @param probes what it asks the pod's containers in the kubelet's place
   */
  ObjectNode of(ArrayNode probes) {
    InjectionSettings settings = options.settings();
    Ports ports = settings.ports();
    ObjectNode container =
        Trees.object(
            "name", NAME,
            "image", options.image(),
            "imagePullPolicy", settings.imagePullPolicy(),
            "args", Trees.list("proxy", "--config", "env:" + BOOTSTRAP));
    if (options.isNative()) {
      container.put("restartPolicy", "Always");
    }
    container.set("env", environment(probes));
    container.set(
        "ports",
        Trees.list(
            Trees.object(
                "name", "http-envoy-prom", "containerPort", ports.metrics(), "protocol", "TCP")));
    probesOf(container, ports.health());
    if (!options.isNative() && options.holdsApplication()) {
      // Containers start in their order, each when the hook of the one before has ended.
      container
          .putObject("lifecycle")
          .putObject("postStart")
          .set(
              "exec",
              Trees.object("command", ImagePrograms.java("dev.meshctl.app.AwaitReadyMain")));
    }
    container.set("resources", resources(options.resources()));
    container.set("securityContext", unprivileged());
    if (options.isCaptured(InjectionSettings.Capture.NODE_AGENT)) {
      // So that the pod's status says it when the proxy finds that nobody has captured it.
      container.put("terminationMessagePolicy", "FallbackToLogsOnError");
    }
    container.set("volumeMounts", PodVolumes.mounts(options));
    return container;
  }

  private void probesOf(ObjectNode container, int port) {
    ObjectNode ready =
        Trees.object("httpGet", Trees.object("path", "/healthz/ready", "port", port));
    if (options.isGateway() || (options.isNative() && options.holdsApplication())) {
      // The next container starts when this has succeeded once, and a gateway is ready at once
      // instead of at the next question: ten minutes, then again.
      container.set(
          "startupProbe",
          ready
              .deepCopy()
              .setAll(
                  Trees.object("periodSeconds", 1, "timeoutSeconds", 3, "failureThreshold", 600)));
    }
    container.set("readinessProbe", ready.setAll(options.readiness()));
  }

  private ArrayNode environment(ArrayNode probes) {
    ArrayNode environment =
        Trees.list(
            ofPod("POD_NAME", "metadata.name"),
            ofPod("POD_NAMESPACE", "metadata.namespace"),
            ofPod("POD_IP", "status.podIP"),
            ofPod("POD_IPS", "status.podIPs"),
            ofPod("SERVICE_ACCOUNT", "spec.serviceAccountName"));
    for (Map.Entry<String, String> each : options.metadata().entrySet()) {
      environment.add(Trees.object("name", each.getKey()).put("value", each.getValue()));
    }
    if (options.isCaptured(InjectionSettings.Capture.NODE_AGENT)) {
      environment.add(
          Trees.object("name", CAPTURED_BY, "value", options.settings().capture().name()));
    }
    // Behind those that it refers to.
    environment.add(
        Trees.object("name", BOOTSTRAP, "value", Bootstrap.of(options, probes).toString()));
    return environment;
  }

  static ObjectNode ofPod(String name, String path) {
    return Trees.object(
        "name", name, "valueFrom", Trees.object("fieldRef", Trees.object("fieldPath", path)));
  }

  static ObjectNode resources(Resources resources) {
    ObjectNode requests = Trees.object("cpu", resources.cpu(), "memory", resources.memory());
    ObjectNode limits =
        Trees.object("cpu", resources.cpuLimit(), "memory", resources.memoryLimit());
    ObjectNode both = Trees.object();
    if (!requests.isEmpty()) {
      both.set("requests", requests);
    }
    if (!limits.isEmpty()) {
      both.set("limits", limits);
    }
    return both;
  }

  private static ObjectNode unprivileged() {
    return Trees.object(
        "allowPrivilegeEscalation",
        false,
        "capabilities",
        Trees.object("drop", Trees.list("ALL")),
        "privileged",
        false,
        "readOnlyRootFilesystem",
        true,
        "runAsGroup",
        USER,
        "runAsNonRoot",
        true,
        "runAsUser",
        USER,
        "seccompProfile",
        Trees.object("type", "RuntimeDefault"));
  }
}
