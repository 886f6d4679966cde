package dev.meshctl.model.source.yaml;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Writes one new entry of a list, in the style of its neighbours. */
record EntryText(boolean quotedKeys, boolean nestedInFlow) {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z][A-Za-z0-9-]*(\\.[A-Za-z0-9-]+)*");
  private static final Pattern NOT_TEXT = Pattern.compile("(?i:true|false|null|yes|no|on|off|y|n)");

  /** {@code {name: v1, weight: 10}}. */
  String flow(Map<?, ?> fields) {
    List<String> parts = new ArrayList<>();
    fields.forEach((name, value) -> parts.add(key(name) + ": " + inline(value)));
    return "{" + String.join(", ", parts) + "}";
  }

  /** One field a line; the first one without indentation, since a dash stands before it. */
  String block(Map<?, ?> fields, int indent, String eol) {
    List<String> lines = new ArrayList<>();
    fields.forEach((name, value) -> {
      if (value instanceof Map<?, ?> nested && !nestedInFlow) {
        lines.add(key(name) + ":" + eol + " ".repeat(indent + 2) + block(nested, indent + 2, eol));
      } else {
        lines.add(key(name) + ": " + inline(value));
      }
    });
    return String.join(eol + " ".repeat(indent), lines);
  }

  private String key(Object name) {
    return quotedKeys ? "\"" + name + "\"" : name.toString();
  }

  private String inline(Object value) {
    if (value instanceof Map<?, ?> nested) {
      return flow(nested);
    }
    String written = value.toString();
    boolean plain =
        value instanceof Integer
            || (!quotedKeys
                && PLAIN.matcher(written).matches()
                && !NOT_TEXT.matcher(written).matches());
    return plain ? written : "\"" + written + "\"";
  }
}
