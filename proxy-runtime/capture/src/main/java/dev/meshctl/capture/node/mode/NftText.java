package dev.meshctl.capture.node.mode;

import dev.meshctl.capture.node.IpFamily;
import dev.meshctl.capture.node.rules.RuleSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Input of {@code nft -f -}, which the kernel takes as one step. Everything is in a table of our
 * own, so nobody else's rules are touched.
 */
public final class NftText {
  /** The table's name, in each family. */
  public static final String TABLE = "meshctl-node";

  private NftText() {}

  /** The words of single rules. */
  public static RuleWords words(RuleSet rules) {
    return new NftWords(rules);
  }

  /** The whole table, in place of what there may be of it. */
  public static String all(RuleSet wanted) {
    String table = name(wanted.family());
    NftTable content = NftTable.of(wanted);
    StringBuilder out = new StringBuilder();
    out.append("add table ").append(table).append('\n');
    out.append("delete table ").append(table).append('\n');
    out.append("table ").append(table).append(" {\n");
    content
        .collections()
        .forEach((name, declaration) -> {
          int space = declaration.indexOf(' ');
          out.append("  ").append(declaration, 0, space).append(' ').append(name).append(" {\n");
          out.append("    ").append(declaration.substring(space + 1)).append('\n');
          Map<String, String> elements = content.elements().getOrDefault(name, Map.of());
          if (!elements.isEmpty()) {
            out.append("    elements = {\n");
            elements.values().forEach(each -> out.append("      ").append(each).append(",\n"));
            out.append("    }\n");
          }
          out.append("  }\n");
        });
    content.bases().forEach((name, lines) -> chain(out, name, lines));
    content.chains().forEach((name, lines) -> chain(out, name, lines));
    return out.append("}\n").toString();
  }

  private static void chain(StringBuilder out, String name, List<String> lines) {
    out.append("  chain ").append(name).append(" {\n");
    lines.forEach(line -> out.append("    ").append(line).append('\n'));
    out.append("  }\n");
  }

  /**
   * What leads from one state to another. Whom the kernel remembers for an endpoint that stays, it
   * goes on to remember.
   *
   * @return empty where nothing differs
   */
  public static String change(RuleSet before, RuleSet wanted) {
    String table = name(wanted.family());
    NftTable old = NftTable.of(before);
    NftTable now = NftTable.of(wanted);
    List<String> first = new ArrayList<>();
    List<String> last = new ArrayList<>();
    collections(table, old, now, first, last);
    for (String name : now.chains().keySet()) {
      if (!old.chains().containsKey(name)) {
        first.add("add chain " + table + " " + name);
      }
    }
    List<String> rules = new ArrayList<>();
    now.chains()
        .forEach((name, lines) -> {
          List<String> known = old.chains().get(name);
          if (!lines.equals(known)) {
            if (known != null) {
              rules.add("flush chain " + table + " " + name);
            }
            lines.forEach(line -> rules.add("add rule " + table + " " + name + " " + line));
          }
        });
    List<String> gone =
        old.chains().keySet().stream().filter(name -> !now.chains().containsKey(name)).toList();
    List<String> emptied = gone.stream().map(name -> "flush chain " + table + " " + name).toList();
    List<String> all = new ArrayList<>(first);
    all.addAll(rules);
    elements(table, old, now, all);
    all.addAll(emptied);
    gone.forEach(name -> all.add("delete chain " + table + " " + name));
    all.addAll(last);
    return all.isEmpty() ? "" : String.join("\n", all) + "\n";
  }

  private static void collections(
      String table, NftTable old, NftTable now, List<String> first, List<String> last) {
    now.collections()
        .forEach((name, declaration) -> {
          if (!old.collections().containsKey(name)) {
            int space = declaration.indexOf(' ');
            first.add(
                "add %s %s %s { %s }"
                    .formatted(
                        declaration.substring(0, space),
                        table,
                        name,
                        declaration.substring(space + 1)));
          }
        });
    old.collections()
        .forEach((name, declaration) -> {
          if (!now.collections().containsKey(name)) {
            last.add("delete " + declaration.substring(0, 3) + " " + table + " " + name);
          }
        });
  }

  /** A key whose verdict changed is taken out first; the kernel sees both at once. */
  private static void elements(String table, NftTable old, NftTable now, List<String> out) {
    now.collections()
        .keySet()
        .forEach(name -> {
          Map<String, String> before = old.elements().getOrDefault(name, Map.of());
          Map<String, String> after = now.elements().getOrDefault(name, Map.of());
          List<String> taken =
              before.entrySet().stream()
                  .filter(each -> !each.getValue().equals(after.get(each.getKey())))
                  .map(Map.Entry::getKey)
                  .toList();
          List<String> given =
              after.entrySet().stream()
                  .filter(each -> !each.getValue().equals(before.get(each.getKey())))
                  .map(Map.Entry::getValue)
                  .toList();
          if (!taken.isEmpty()) {
            out.add(
                "delete element " + table + " " + name + " { " + String.join(", ", taken) + " }");
          }
          if (!given.isEmpty()) {
            out.add("add element " + table + " " + name + " { " + String.join(", ", given) + " }");
          }
        });
  }

  /** Takes everything of ours away, where there is something. */
  public static String removal(IpFamily family) {
    return "add table %1$s\ndelete table %1$s\n".formatted(name(family));
  }

  private static String name(IpFamily family) {
    return (family == IpFamily.V4 ? "ip " : "ip6 ") + TABLE;
  }
}
