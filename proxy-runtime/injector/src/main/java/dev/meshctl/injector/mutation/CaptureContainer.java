package dev.meshctl.injector.mutation;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The init container that redirects the pod's traffic. */
final class CaptureContainer {
  static final String NAME = "istio-init";

  private CaptureContainer() {}

  /** Its options, for a node agent that does the same. */
  static String words(ProxyOptions options) {
    List<String> words = new ArrayList<>();
    options.captured().forEach((option, value) -> words.add(option + "=" + value));
    return String.join(" ", words);
  }

  static ObjectNode of(ProxyOptions options) {
    ArrayNode arguments = Trees.list("apply");
    options.captured().forEach((option, value) -> arguments.add(option + "=" + value));
    return Trees.object(
        "name",
        NAME,
        "image",
        options.image(),
        "imagePullPolicy",
        options.settings().imagePullPolicy(),
        "command",
        ImagePrograms.java("dev.meshctl.app.CaptureMain"),
        "args",
        arguments,
        "env",
        Trees.list(ProxyContainer.ofPod("POD_IPS", "status.podIPs")),
        "resources",
        ProxyContainer.resources(options.resources()),
        "securityContext",
        Trees.object(
            "allowPrivilegeEscalation",
            false,
            "capabilities",
            Trees.object("add", Trees.list("NET_ADMIN", "NET_RAW"), "drop", Trees.list("ALL")),
            "privileged",
            false,
            "readOnlyRootFilesystem",
            true,
            "runAsGroup",
            0,
            "runAsNonRoot",
            false,
            "runAsUser",
            0),
        "volumeMounts",
        Trees.list(PodVolumes.mount(PodVolumes.TEMPORARY, "/tmp", false)));
  }
}
