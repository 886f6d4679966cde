package dev.meshctl.capture.cni;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A node's list of plugins, with ours at its end and without it. Somebody else's text is edited and
 * not written anew: what was before our plugin came is there again, to the byte, when it goes.
 */
public final class Conflist {
  /** Name of our program in the folder of plugins. */
  public static final String TYPE = "meshctl-cni";

  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern BREAK_BEFORE = Pattern.compile("\\R\\s*\\z");

  /** Asks a container runtime for a pod's annotations and resolvers. */
  private static final ObjectNode OURS = ours();

  private final String text;
  private final int opened;
  private final List<Plugin> plugins;

  /** One plugin's place in the text: from its brace to behind the other. */
  private record Plugin(int begin, int end, JsonNode tree) {
    boolean isOurs() {
      return tree.path("type").asString("").equals(TYPE);
    }
  }

  private Conflist(String text, int opened, List<Plugin> plugins) {
    this.text = text;
    this.opened = opened;
    this.plugins = List.copyOf(plugins);
  }

  /**
   * The list with our plugin as the last one; the same text where it stands there already just so.
   *
   * @param text of a {@code .conflist}
   * @throws IllegalArgumentException where it is none
   */
  public static String with(String text) {
    Conflist list = read(text);
    if (!list.plugins.isEmpty()
        && list.plugins.getLast().tree().equals(OURS)
        && list.plugins.stream().filter(Plugin::isOurs).count() == 1) {
      return text;
    }
    Conflist others = read(without(text));
    int end = others.plugins.isEmpty() ? others.opened : others.plugins.getLast().end();
    return others.text.substring(0, end)
        + (others.plugins.isEmpty() ? "" : "," + others.separator())
        + OURS
        + others.text.substring(end);
  }

  /** The list without our plugin; the same text where it is not there. */
  public static String without(String text) {
    Conflist list = read(text);
    for (int i = 0; i < list.plugins.size(); i++) {
      if (list.plugins.get(i).isOurs()) {
        return without(list.cut(i));
      }
    }
    return text;
  }

  /** Whether our plugin is in it. */
  public static boolean has(String text) {
    return read(text).plugins.stream().anyMatch(Plugin::isOurs);
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

  private String cut(int index) {
    int begin = plugins.get(index).begin();
    int end = plugins.get(index).end();
    if (index > 0) {
      begin = plugins.get(index - 1).end();
    } else if (plugins.size() > 1) {
      end = plugins.get(1).begin();
    }
    return text.substring(0, begin) + text.substring(end);
  }

  /** A new line as before the last plugin, where that has one of its own. */
  private String separator() {
    Matcher before = BREAK_BEFORE.matcher(text.substring(0, plugins.getLast().begin()));
    return before.find() ? before.group() : " ";
  }

  private static Conflist read(String text) {
    try (JsonParser parser = JSON.createParser(text)) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
          boolean plugins = parser.currentName().equals("plugins");
          if (parser.nextToken() == JsonToken.START_ARRAY && plugins) {
            return read(text, parser);
          }
          parser.skipChildren();
        }
      }
    } catch (JacksonException malformed) {
      throw new IllegalArgumentException(
          "no list of CNI plugins: " + malformed.getOriginalMessage(), malformed);
    }
    throw new IllegalArgumentException(
        "no list of CNI plugins (expected: plugins); a .conf with one plugin has to become a"
            + " .conflist first");
  }

  private static Conflist read(String text, JsonParser parser) {
    int opened = offset(parser);
    List<Plugin> plugins = new ArrayList<>();
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      int begin = offset(parser) - 1;
      parser.skipChildren();
      int end = offset(parser);
      plugins.add(new Plugin(begin, end, JSON.readTree(text.substring(begin, end))));
    }
    if (parser.currentToken() != JsonToken.END_ARRAY) {
      throw new IllegalArgumentException("no list of CNI plugins: a plugin is no object");
    }
    // To its end: half a file is none.
    while (parser.nextToken() != null) {
      parser.skipChildren();
    }
    return new Conflist(text, opened, plugins);
  }

  /** Behind the bracket or brace that was read last. */
  private static int offset(JsonParser parser) {
    return Math.toIntExact(parser.currentLocation().getCharOffset());
  }

  private static ObjectNode ours() {
    ObjectNode ours = JSON.createObjectNode().put("type", TYPE);
    ours.putObject("capabilities").put(CniRequest.ANNOTATIONS, true).put("dns", true);
    return ours;
  }
}
