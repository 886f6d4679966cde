package dev.meshctl.capture.cni;

import dev.meshctl.capture.CaptureOptions;
import dev.meshctl.capture.CapturePlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a container runtime asks of the plugin for a pod (CNI specification, "Execution protocol"):
 * the plugin's configuration on its standard input.
 *
 * @param configuration of the plugin, {@code prevResult} and {@code runtimeConfig} among it
 */
public record CniRequest(ObjectNode configuration) {
  /** What a pod is to have captured, as the injector writes it. */
  public static final String ANNOTATION = "meshctl.dev/capture";

  /** The capability by which containerd and CRI-O tell plugins a pod's annotations. */
  public static final String ANNOTATIONS = "io.kubernetes.cri.pod-annotations";

  private static final JsonMapper JSON = new JsonMapper();

  /**
   * @throws CniFailure where it is no such request
   */
  public static CniRequest parse(String input) {
    JsonNode configuration;
    try {
      configuration = JSON.readTree(input);
    } catch (JacksonException malformed) {
      throw new CniFailure(
          CniFailure.DECODING, "the configuration is no JSON", malformed.getOriginalMessage());
    }
    if (!(configuration instanceof ObjectNode object)) {
      throw new CniFailure(CniFailure.DECODING, "the configuration is no object", "");
    }
    return new CniRequest(object);
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

  /**
   * What the pod's {@code resolv.conf} will name (CNI conventions, "dns"; containerd of old wrote
   * the name large).
   */
  private List<String> nameservers() {
    JsonNode dns = configuration.path("runtimeConfig").path("dns");
    return (dns.has("servers") ? dns.path("servers") : dns.path("Servers"))
        .valueStream()
        .map(node -> node.asString(""))
        .filter(server -> !server.isEmpty())
        .toList();
  }

  /** The answer to {@code ADD} of a plugin that changes nothing of what was before it. */
  public String result() {
    JsonNode previous = configuration.path("prevResult");
    ObjectNode result =
        previous instanceof ObjectNode object
            ? object.deepCopy()
            : JsonNodeFactory.instance.objectNode();
    result.put("cniVersion", version());
    return result.toString();
  }
}
