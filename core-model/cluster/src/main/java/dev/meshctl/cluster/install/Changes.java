package dev.meshctl.cluster.install;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What differs between two trees, a line for each place: {@code spec.replicas: 2 -> 3}. */
final class Changes {
  private static final Set<String> NOTED_BY_THE_SERVER =
      Set.of(
          "metadata.managedFields",
          "metadata.resourceVersion",
          "metadata.generation",
          "metadata.creationTimestamp",
          "metadata.uid",
          "status");
  private static final int LONGEST = 60;

  private final List<String> lines = new ArrayList<>();

  private Changes() {}

  static List<String> between(JsonNode before, JsonNode after) {
    Changes changes = new Changes();
    changes.compare("", before, after);
    return changes.lines;
  }

  private void compare(String at, JsonNode before, JsonNode after) {
    if (NOTED_BY_THE_SERVER.contains(at) || before.equals(after)) {
      return;
    }
    if (before.isObject() && after.isObject()) {
      Set<String> keys = new LinkedHashSet<>(before.propertyNames());
      keys.addAll(after.propertyNames());
      keys.forEach(
          key -> compare(at.isEmpty() ? key : at + "." + key, before.path(key), after.path(key)));
    } else if (before.isArray() && after.isArray() && before.size() == after.size()) {
      for (int i = 0; i < before.size(); i++) {
        compare(at + "[" + i + "]", before.get(i), after.get(i));
      }
    } else {
      lines.add(at + ": " + told(before) + " -> " + told(after));
    }
  }

  private static String told(JsonNode value) {
    String text = value.isMissingNode() ? "nothing" : value.toString();
    return text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
  }
}
