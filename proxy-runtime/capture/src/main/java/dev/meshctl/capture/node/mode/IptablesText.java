package dev.meshctl.capture.node.mode;

import dev.meshctl.capture.node.rules.Chain;
import dev.meshctl.capture.node.rules.Chain.Hook;
import dev.meshctl.capture.node.rules.Chain.Table;
import dev.meshctl.capture.node.rules.RuleSet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Input of {@code iptables-restore --noflush --wait} (or {@code ip6tables-restore}): chains of ours
 * only are written and removed, each table in one step.
 */
public final class IptablesText {
  /** Every chain of ours begins so, and no chain of anybody else. */
  private static final String OURS = "MESH-";

  private IptablesText() {}

  /** The words of single rules. */
  public static RuleWords words(RuleSet rules) {
    return new IptablesWords(rules);
  }

  /**
   * What of ours is in the kernel.
   *
   * @param chains by table
   * @param hooks jumps to them as {@code iptables-save} writes them, {@code -A PREROUTING … -j
   *     MESH-SERVICES}, by table
   */
  public record Present(Map<Table, Set<String>> chains, Map<Table, Set<String>> hooks) {
    public static final Present NOTHING = new Present(Map.of(), Map.of());

    public Present {
      chains = Map.copyOf(chains);
      hooks = Map.copyOf(hooks);
    }

    /** Reads the output of {@code iptables-save}. */
    public static Present of(String saved) {
      Map<Table, Set<String>> chains = new EnumMap<>(Table.class);
      Map<Table, Set<String>> hooks = new EnumMap<>(Table.class);
      Optional<Table> table = Optional.empty();
      for (String line : saved.lines().toList()) {
        if (line.startsWith("*")) {
          table = table(line.substring(1));
        } else if (table.isPresent() && line.startsWith(":" + OURS)) {
          chains
              .computeIfAbsent(table.get(), t -> new TreeSet<>())
              .add(line.substring(1, line.indexOf(' ')));
        } else if (table.isPresent()
            && line.startsWith("-A ")
            && !line.startsWith("-A " + OURS)
            && line.contains(" -j " + OURS)) {
          hooks.computeIfAbsent(table.get(), t -> new LinkedHashSet<>()).add(line);
        }
      }
      return new Present(chains, hooks);
    }

    private static Optional<Table> table(String name) {
      for (Table table : Table.values()) {
        if (name(table).equals(name)) {
          return Optional.of(table);
        }
      }
      return Optional.empty();
    }

    Set<String> chains(Table table) {
      return chains.getOrDefault(table, Set.of());
    }

    Set<String> hooks(Table table) {
      return hooks.getOrDefault(table, Set.of());
    }
  }

  /** Everything, on a node that has nothing of ours. */
  public static String all(RuleSet wanted) {
    return change(Optional.empty(), wanted, Present.NOTHING);
  }

  /**
   * What leads from one state to another: chains that do not differ are left alone, those that are
   * no longer wanted go.
   *
   * @param before what was written last; empty where nobody knows, which writes every chain
   * @return empty where nothing differs
   */
  public static String change(Optional<RuleSet> before, RuleSet wanted, Present present) {
    StringBuilder out = new StringBuilder();
    for (Table table : Table.values()) {
      out.append(change(table, before, wanted, present));
    }
    return out.toString();
  }

  /** Takes everything of ours away. */
  public static String removal(Present present) {
    StringBuilder out = new StringBuilder();
    for (Table table : Table.values()) {
      List<String> lines = new ArrayList<>();
      present.hooks(table).forEach(hook -> lines.add("-D" + hook.substring("-A".length())));
      present.chains(table).forEach(chain -> lines.add("-X " + chain));
      out.append(table(table, present.chains(table), lines));
    }
    return out.toString();
  }

  private static String change(
      Table table, Optional<RuleSet> before, RuleSet wanted, Present present) {
    Map<String, Chain> chains = wanted.of(table);
    Map<String, Chain> known = before.map(rules -> rules.of(table)).orElse(Map.of());
    boolean comparable =
        before
            .filter(rules -> rules.nodePortAddresses().equals(wanted.nodePortAddresses()))
            .isPresent();
    RuleWords words = words(wanted);
    Set<String> written = new LinkedHashSet<>();
    List<String> rules = new ArrayList<>();
    for (Chain chain : chains.values()) {
      boolean same =
          comparable
              && present.chains(table).contains(chain.name())
              && lines(words, chain).equals(lines(words, known.get(chain.name())));
      if (!same) {
        written.add(chain.name());
        rules.addAll(lines(words, chain));
      }
    }
    List<String> stale =
        present.chains(table).stream().filter(name -> !chains.containsKey(name)).toList();
    written.addAll(stale);
    List<String> lines = new ArrayList<>(hooks(chains, present.hooks(table)));
    lines.addAll(rules);
    stale.forEach(name -> lines.add("-X " + name));
    return table(table, written, lines);
  }

  private static List<String> lines(
      RuleWords words, @org.jspecify.annotations.Nullable Chain chain) {
    return chain == null
        ? List.of("none")
        : chain.rules().stream().flatMap(rule -> words.lines(chain, rule).stream()).toList();
  }

  /** Jumps that are not there yet, the last first, since each goes before all others. */
  private static List<String> hooks(Map<String, Chain> chains, Set<String> present) {
    List<String> missing = new ArrayList<>();
    for (Chain chain : chains.values()) {
      for (Hook hook : chain.hooks()) {
        String jump = " -j " + chain.name();
        boolean there =
            present.stream()
                .anyMatch(line -> line.startsWith("-A " + hook + " ") && line.endsWith(jump));
        if (!there) {
          missing.add("-I " + hook + (chain.onlyNew() ? " -m conntrack --ctstate NEW" : "") + jump);
        }
      }
    }
    Collections.reverse(missing);
    return missing;
  }

  private static String table(Table table, Set<String> flushed, List<String> lines) {
    if (flushed.isEmpty() && lines.isEmpty()) {
      return "";
    }
    StringBuilder out = new StringBuilder("*" + name(table) + "\n");
    flushed.forEach(chain -> out.append(':').append(chain).append(" - [0:0]\n"));
    lines.forEach(line -> out.append(line).append('\n'));
    return out.append("COMMIT\n").toString();
  }

  private static String name(Table table) {
    return table.name().toLowerCase(Locale.ROOT);
  }
}
