package dev.meshctl.dataplane.admin;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code google.protobuf.FieldMask} over the JSON of messages: keeps what one of the paths leads
 * to.
 *
 * @param whole all below is kept
 */
record FieldMask(boolean whole, Map<String, FieldMask> below) {
  static final FieldMask ALL = new FieldMask(true, Map.of());

  /** {@code a.b,c}; everything where {@code text} is empty. */
  static FieldMask of(String text) {
    if (text.isEmpty()) {
      return ALL;
    }
    FieldMask root = new FieldMask(false, new TreeMap<>());
    for (String path : text.split(",")) {
      FieldMask at = root;
      String[] names = path.split("\\.");
      for (int i = 0; i < names.length; i++) {
        boolean last = i == names.length - 1;
        FieldMask known = at.below.get(names[i]);
        if (last || (known != null && known.whole)) {
          at.below.put(names[i], ALL);
          break;
        }
        FieldMask next = known == null ? new FieldMask(false, new TreeMap<>()) : known;
        at.below.put(names[i], next);
        at = next;
      }
    }
    return root;
  }

  /** Whether every path begins with one of {@code fields}, and ends there if it is a list. */
  boolean fits(Collection<String> fields, Collection<String> lists) {
    return whole
        || below.entrySet().stream()
            .allMatch(each ->
                lists.contains(each.getKey())
                    ? each.getValue().whole
                    : fields.contains(each.getKey()));
  }

  boolean keeps(String field) {
    return whole || below.containsKey(field);
  }

  /** Removes from {@code message} what no path leads to; its type stays. */
  void trim(ObjectNode message) {
    if (whole) {
      return;
    }
    List<String> dropped = new ArrayList<>();
    message
        .properties()
        .forEach(property -> {
          FieldMask mask = below.get(property.getKey());
          if (mask != null) {
            JsonNode value = property.getValue();
            if (value instanceof ObjectNode object) {
              mask.trim(object);
            }
          } else if (!property.getKey().equals("@type")) {
            dropped.add(property.getKey());
          }
        });
    message.remove(dropped);
  }
}
