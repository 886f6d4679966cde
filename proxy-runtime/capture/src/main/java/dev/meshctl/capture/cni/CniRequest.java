package dev.meshctl.capture.cni;

import dev.meshctl.capture.CaptureOptions;
import dev.meshctl.capture.CapturePlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a container runtime asks of a plugin (CNI specification, "Execution protocol"): the
 * variables {@code CNI_*} and the plugin's configuration on standard input.
 *
 * @param command {@code ADD}, {@code DEL}, {@code CHECK}, {@code VERSION}, {@code STATUS}, {@code
 *     GC}
 * @param namespace path of the pod's network namespace, may be empty
 * @param configuration of the plugin, {@code prevResult} and {@code runtimeConfig} among it
 */
public record CniRequest(String command, String namespace, ObjectNode configuration) {
  /** What a pod is to have captured, as the injector writes it. */
  public static final String ANNOTATION = "meshctl.dev/capture";

  /** The capability by which containerd tells plugins a pod's annotations. */
  public static final String ANNOTATIONS = "io.kubernetes.cri.pod-annotations";

  private static final JsonMapper JSON = new JsonMapper();

  /**
   * @throws CniFailure where it is no such request
   */
  public static CniRequest parse(Map<String, String> variables, String input) {
    JsonNode configuration;
    try {
      configuration = JSON.readTree(input.isBlank() ? "{}" : input);
    } catch (JacksonException malformed) {
      throw new CniFailure(
          CniFailure.DECODING, "the configuration is no JSON", malformed.getOriginalMessage());
    }
    if (!(configuration instanceof ObjectNode object)) {
      throw new CniFailure(CniFailure.DECODING, "the configuration is no object", "");
    }
    String command = variables.getOrDefault("CNI_COMMAND", "");
    if (command.isEmpty()) {
      throw new CniFailure(
          CniFailure.VARIABLES,
          "CNI_COMMAND is missing",
          "this program is called by a container runtime");
    }
    return new CniRequest(command, variables.getOrDefault("CNI_NETNS", ""), object);
  }

  /** {@code cniVersion}. */
  public String version() {
    return configuration.path("cniVersion").asString("1.0.0");
  }

  /**
   * What is to be captured; empty for a pod without a sidecar, or whose init container does it.
   *
   * @throws CniFailure where the annotation is not what the injector writes
   */
  public Optional<CapturePlan> plan() {
    String options =
        configuration.path("runtimeConfig").path(ANNOTATIONS).path(ANNOTATION).asString("");
    if (options.isBlank()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          CaptureOptions.parse(
              Arrays.asList(options.strip().split("\\s+")), addresses(), nameservers()));
    } catch (IllegalArgumentException wrong) {
      throw new CniFailure(
          CniFailure.CONFIGURATION,
          "annotation " + ANNOTATION + " of the pod: " + wrong.getMessage(),
          "let the injector write it");
    }
  }

  /** Of the pod, as the plugin before gave them. */
  private List<String> addresses() {
    List<String> addresses = new ArrayList<>();
    for (JsonNode ip : configuration.path("prevResult").path("ips")) {
      String address = ip.path("address").asString("");
      int slash = address.indexOf('/');
      addresses.add(slash < 0 ? address : address.substring(0, slash));
    }
    return addresses;
  }

  /** As the plugin is configured: a pod's own {@code resolv.conf} is written later. */
  private List<String> nameservers() {
    return configuration
        .path("nameservers")
        .valueStream()
        .map(node -> node.asString(""))
        .filter(server -> !server.isEmpty())
        .toList();
  }

  /** The answer of a plugin that changes nothing of what was before it. */
  public String result() {
    JsonNode previous = configuration.path("prevResult");
    ObjectNode result =
        previous instanceof ObjectNode object
            ? object.deepCopy()
            : JsonNodeFactory.instance.objectNode();
    result.put("cniVersion", version());
    return result.toString();
  }

  /** The answer to {@code VERSION}. */
  public static String versions() {
    return "{\"cniVersion\":\"1.1.0\",\"supportedVersions\":[\"0.3.0\",\"0.3.1\",\"0.4.0\","
        + "\"1.0.0\",\"1.1.0\"]}";
  }
}
