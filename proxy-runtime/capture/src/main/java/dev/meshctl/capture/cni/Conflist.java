package dev.meshctl.capture.cni;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A node's list of plugins, with ours at its end and without it. */
public final class Conflist {
  /** Name of our program in the folder of plugins. */
  public static final String TYPE = "meshctl-cni";

  private static final JsonMapper JSON = new JsonMapper();

  private Conflist() {}

  /**
   * The list with our plugin as the last one; the same text where it stands there already just so.
   *
   * @param text of a {@code .conflist}
   * @param nameservers of the cluster, whose queries are captured
   * @throws IllegalArgumentException where it is none
   */
  public static String with(String text, List<String> nameservers) {
    ObjectNode list = list(text);
    ObjectNode after = list.deepCopy();
    ArrayNode plugins = (ArrayNode) after.path("plugins");
    remove(plugins);
    ObjectNode ours = plugins.addObject().put("type", TYPE);
    ours.putObject("capabilities").put(CniRequest.ANNOTATIONS, true);
    ArrayNode servers = ours.putArray("nameservers");
    nameservers.forEach(servers::add);
    return after.equals(list) ? text : written(after);
  }

  /** The list without our plugin; the same text where it is not there. */
  public static String without(String text) {
    ObjectNode list = list(text);
    return remove((ArrayNode) list.path("plugins")) ? written(list) : text;
  }

  /** Whether our plugin is in it. */
  public static boolean has(String text) {
    return remove((ArrayNode) list(text).path("plugins"));
  }

  /**
   * The file that a container runtime reads: the first by name.
   *
   * @param names of the files in the folder
   */
  public static Optional<String> inForce(List<String> names) {
    return names.stream()
        .filter(
            name -> name.endsWith(".conflist") || name.endsWith(".conf") || name.endsWith(".json"))
        .sorted()
        .findFirst();
  }

  private static ObjectNode list(String text) {
    JsonNode read;
    try {
      read = JSON.readTree(text);
    } catch (JacksonException malformed) {
      throw new IllegalArgumentException(
          "no list of CNI plugins: " + malformed.getOriginalMessage(), malformed);
    }
    if (read instanceof ObjectNode list && list.path("plugins").isArray()) {
      return list;
    }
    throw new IllegalArgumentException(
        "no list of CNI plugins (expected: plugins); a .conf with one plugin has to become a"
            + " .conflist first");
  }

  private static boolean remove(ArrayNode plugins) {
    List<Integer> ours = new ArrayList<>();
    for (int i = plugins.size() - 1; i >= 0; i--) {
      if (plugins.get(i).path("type").asString("").equals(TYPE)) {
        ours.add(i);
      }
    }
    ours.forEach(plugins::remove);
    return !ours.isEmpty();
  }

  private static String written(ObjectNode list) {
    return list.toPrettyString() + "\n";
  }
}
