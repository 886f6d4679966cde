package dev.meshctl.cli.runtime;

import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Screen;
import dev.meshctl.cli.render.Style;
import dev.meshctl.cli.render.Table;
import dev.meshctl.cli.render.Table.Cell;
import dev.meshctl.model.patch.PatchState;
import dev.meshctl.model.patch.PatchState.Member;
import dev.meshctl.model.patch.PatchState.Phase;
import dev.meshctl.model.patch.PatchState.Standing;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.query.RuntimeView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Patches and runtimes as people read them. */
final class PatchText {
  private static final int BAR = 20;
  private static final int PROBLEM_INDENT = 4;

  /** Of a wave; those about whom there is nothing to say are counted instead. */
  private static final int FEW = 8;

  private PatchText() {}

  /** What people call a proxy: {@code reviews-v1-0.bookshop} of the long id of a node. */
  static String name(String proxyId) {
    String[] parts = proxyId.split("~", -1);
    return parts.length == 4 ? parts[2] : proxyId;
  }

  /** One line, and where it went wrong another. */
  static void line(PatchState patch, Output output) {
    summary(patch, output.screen(), 0).forEach(output::line);
  }

  /** Why a patch of a cluster stands still. */
  static void standstill(ClusterRuntimeView.Order order, Output output) {
    output.line(
        order.id()
            + "  to "
            + order.to()
            + "  "
            + output.paint(Style.STRONG, order.phase().toLowerCase(Locale.ROOT))
            + "  "
            + order.reason()
            + ": "
            + order.message());
  }

  /** The waves of a patch that was not begun. */
  static void waves(PatchState patch, Output output) {
    Table table = Table.of("WAVE", "PROXY", "RUNS", "WOULD RUN").shrinkable(1);
    int number = 1;
    for (List<String> wave : patch.plan().waves()) {
      for (String proxy : wave) {
        table.row(number, name(proxy), before(patch, proxy), patch.plan().target().version());
      }
      number++;
    }
    output.table(table);
  }

  /**
   * All that there is to say of patches and proxies.
   *
   * @param rows that can be seen: where that is too few, patches that are over are left out,
   *     proxies with nothing to say are counted, and so is what is left
   */
  static List<String> lines(RuntimeView view, long nowEpochMillis, Screen screen, int rows) {
    List<String> all = lines(view, view.patches(), nowEpochMillis, screen, rows);
    List<String> lines =
        all.size() <= rows ? all : lines(view, shown(view), nowEpochMillis, screen, rows);
    if (lines.size() <= rows) {
      return lines;
    }
    List<String> cut = new ArrayList<>(lines.subList(0, rows - 1));
    cut.add("and " + (lines.size() - cut.size()) + " lines more");
    return cut;
  }

  private static List<String> lines(
      RuntimeView view, List<PatchState> patches, long nowEpochMillis, Screen screen, int rows) {
    List<String> lines = new ArrayList<>();
    for (PatchState patch : patches) {
      lines.addAll(summary(patch, screen, nowEpochMillis));
    }
    if (view.patches().isEmpty()) {
      lines.add("no patch was begun");
    }
    if (view.proxies().isEmpty()) {
      lines.add("no proxy said what it runs");
      return lines;
    }
    boolean all = lines.size() + 1 + view.proxies().size() <= rows;
    lines.addAll(table(view, nowEpochMillis, all).lines(screen));
    return lines;
  }

  private static List<String> summary(PatchState patch, Screen screen, long now) {
    String named = patch.plan().id() + "  to " + patch.plan().target().version();
    String standing = standing(patch, screen, now);
    int columns = named.length() + 2 + standing(patch, Screen.PLAIN, now).length();
    List<String> lines =
        new ArrayList<>(
            columns <= screen.columns()
                ? List.of(named + "  " + standing)
                : List.of(named, "  " + standing));
    if (!patch.problem().isEmpty()) {
      String went = patch.phase() == Phase.RETURNING ? "goes back: " : "went back: ";
      List<String> folded =
          folded(went + named(patch, patch.problem()), screen.columns() - PROBLEM_INDENT);
      String first = folded.getFirst().substring(went.length());
      lines.add("  " + paint(screen, Style.BAD, went) + first);
      folded.subList(1, folded.size()).forEach(more -> lines.add("    " + more));
    }
    return lines;
  }

  private static String standing(PatchState patch, Screen screen, long now) {
    int all = patch.members().size();
    int patched = patch.standing(Standing.PATCHED).size();
    StringBuilder line = new StringBuilder();
    if (!patch.phase().over()) {
      int filled = all == 0 ? 0 : BAR * patched / all;
      line.append('[').append("#".repeat(filled)).append(".".repeat(BAR - filled)).append("]  ");
    }
    line.append(paint(screen, style(patch.phase()), word(patch.phase())));
    if (patch.phase() == Phase.SOAKING && now > 0) {
      long soaked = Math.max(0, now - patch.sinceEpochMillis()) / 1000;
      line.append(' ').append(soaked).append(" of ").append(patch.plan().soak().toSeconds());
      line.append(" s");
    }
    line.append(", wave ").append(patch.wave() + 1);
    line.append(" of ").append(patch.plan().waves().size());
    line.append(", ").append(patched).append(" of ").append(all).append(" proxies patched");
    return line.toString();
  }

  /** Broken between words, so that no line is longer than {@code columns}; long words are cut. */
  private static List<String> folded(String text, int columns) {
    List<String> lines = new ArrayList<>();
    String rest = text;
    while (rest.length() > columns) {
      int space = rest.lastIndexOf(' ', columns);
      int end = space > columns / 2 ? space : columns;
      lines.add(rest.substring(0, end));
      rest = rest.substring(end).stripLeading();
    }
    lines.add(rest);
    return lines;
  }

  /** A problem begins with the id of the proxy that has it. */
  static String named(PatchState patch, String problem) {
    for (String proxy : patch.members().keySet()) {
      if (problem.startsWith(proxy)) {
        return name(proxy) + problem.substring(proxy.length());
      }
    }
    return problem;
  }

  /** {@code MEMORY} is that of both processes, while both ran. */
  private static Table table(RuntimeView view, long now, boolean all) {
    Table table =
        Table.of("WAVE", "PROXY", "RUNS", "STATE", "TIME", "MEMORY", "REASON")
            .right(4, 5)
            .shrinkable(1, 6);
    Map<String, RuntimeReport> reports = new HashMap<>();
    view.proxies().forEach(report -> reports.put(report.proxyId(), report));
    for (PatchState patch : shown(view)) {
      int number = 1;
      for (List<String> wave : patch.plan().waves()) {
        wave(table, patch, number, wave, reports, now, all);
        wave.forEach(reports::remove);
        number++;
      }
    }
    reports.values().stream()
        .sorted(Comparator.comparing((RuntimeReport report) -> name(report.proxyId())))
        .forEach(report ->
            table.row(
                "-",
                name(report.proxyId()),
                report.runningVersion(),
                Cell.of(style(report.stage()), word(report.stage())),
                report.stage() == RuntimeReport.Stage.RUNNING
                    ? "-"
                    : seconds(report.took().toMillis()),
                memory(report),
                report.reason()));
    return table;
  }

  /** Those under way, or else the newest: what its proxies report is of it. */
  private static List<PatchState> shown(RuntimeView view) {
    List<PatchState> underWay =
        view.patches().stream().filter(patch -> !patch.phase().over()).toList();
    return underWay.isEmpty() && !view.patches().isEmpty()
        ? List.of(view.patches().getLast())
        : underWay;
  }

  private static void wave(
      Table table,
      PatchState patch,
      int number,
      List<String> wave,
      Map<String, RuntimeReport> reports,
      long now,
      boolean all) {
    Map<Standing, Integer> quiet = new java.util.EnumMap<>(Standing.class);
    boolean few = all || wave.size() <= FEW;
    for (String proxy : wave) {
      Member member = patch.members().get(proxy);
      if (member == null) {
        continue;
      }
      boolean nothingToSay =
          member.standing() == Standing.WAITING
              || (member.standing() == Standing.PATCHED && member.reason().isEmpty());
      if (nothingToSay && !few) {
        quiet.merge(member.standing(), 1, Integer::sum);
      } else {
        row(table, patch, number, proxy, member, reports.get(proxy), now);
      }
    }
    quiet.forEach((standing, count) ->
        table.row(
            number, count + " proxies", "", Cell.of(style(standing), word(standing)), "", "", ""));
  }

  private static void row(
      Table table,
      PatchState patch,
      int number,
      String proxy,
      Member member,
      @Nullable RuntimeReport report,
      long now) {
    boolean moving =
        member.standing() == Standing.ORDERED || member.standing() == Standing.RETURNING;
    String state = state(member) + (member.connected() ? "" : " (away)");
    String time = "-";
    if (moving && now > 0) {
      time = seconds(Math.max(0, now - member.sinceEpochMillis()));
    } else if (report != null && report.took().isPositive()) {
      time = seconds(report.took().toMillis());
    }
    table.row(
        number,
        name(proxy),
        report == null ? before(patch, proxy) : report.runningVersion(),
        Cell.of(style(member.standing()), state),
        time,
        report == null ? "-" : memory(report),
        member.reason());
  }

  /** In a word or two. */
  static String state(Member member) {
    return switch (member.standing()) {
      case ORDERED ->
          member.stage() == RuntimeReport.Stage.RUNNING ? "ordered" : word(member.stage());
      case RETURNING -> "going back";
      case BEFORE -> "not patched";
      case WAITING, PATCHED, STUCK, GONE -> word(member.standing());
    };
  }

  private static String before(PatchState patch, String proxy) {
    var before = patch.plan().before().get(proxy);
    return before == null ? "-" : before.version();
  }

  private static String memory(RuntimeReport report) {
    return report.overlapBytes() == 0 ? "-" : BundleView.megabytes(report.overlapBytes());
  }

  private static String seconds(long millis) {
    return String.format(Locale.ROOT, "%.1f s", millis / 1e3);
  }

  static String word(Enum<?> of) {
    return of.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static String paint(Screen screen, Style style, String text) {
    return Cell.of(style, text).painted(screen);
  }

  private static Style style(Phase phase) {
    return switch (phase) {
      case DONE -> Style.GOOD;
      case RETURNING, RETURNED -> Style.BAD;
      case ROLLING, SOAKING, PAUSED -> Style.STRONG;
    };
  }

  private static Style style(Standing standing) {
    return switch (standing) {
      case PATCHED -> Style.GOOD;
      case ORDERED -> Style.STRONG;
      case RETURNING -> Style.CAREFUL;
      case STUCK, BEFORE -> Style.BAD;
      case WAITING, GONE -> Style.QUIET;
    };
  }

  private static Style style(RuntimeReport.Stage stage) {
    return switch (stage) {
      case FAILED, ROLLED_BACK -> Style.BAD;
      case RUNNING, FETCHING, VERIFYING, UNPACKING, STARTING, HANDING_OVER, WATCHING, DONE ->
          Style.PLAIN;
    };
  }
}
