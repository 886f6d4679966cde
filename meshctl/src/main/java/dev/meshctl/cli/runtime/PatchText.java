package dev.meshctl.cli.runtime;

import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import dev.meshctl.cli.render.Table;
import dev.meshctl.cli.render.Table.Cell;
import dev.meshctl.model.patch.PatchState;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.query.RuntimeView;
import java.util.List;
import java.util.Locale;

/** Patches and runtimes as people read them. */
final class PatchText {
  private PatchText() {}

  /** One line, and where it went wrong another. */
  static void line(PatchState patch, Output output) {
    long patched = patch.standing(PatchState.Standing.PATCHED).size();
    output.line(
        patch.plan().id()
            + "  to "
            + patch.plan().target().version()
            + "  "
            + output.paint(style(patch.phase()), word(patch.phase()))
            + "  wave "
            + (patch.wave() + 1)
            + " of "
            + patch.plan().waves().size()
            + ", "
            + patched
            + " of "
            + patch.members().size()
            + " proxies patched");
    if (!patch.problem().isEmpty()) {
      output.line("  " + output.paint(Style.BAD, "went back: ") + patch.problem());
    }
  }

  /** Wave by wave. */
  static void waves(PatchState patch, Output output) {
    Table table = Table.of("WAVE", "PROXY", "RUNS NOW", "STATE", "REASON").shrinkable(1, 4);
    int number = 1;
    for (List<String> wave : patch.plan().waves()) {
      for (String proxy : wave) {
        PatchState.Member member = patch.members().get(proxy);
        var before = patch.plan().before().get(proxy);
        if (member != null && before != null) {
          table.row(
              number,
              proxy,
              member.standing() == PatchState.Standing.PATCHED
                  ? patch.plan().target().version()
                  : before.version(),
              member.standing() == PatchState.Standing.ORDERED
                  ? member.stage().name().toLowerCase(Locale.ROOT)
                  : member.standing().name().toLowerCase(Locale.ROOT),
              member.reason());
        }
      }
      number++;
    }
    output.table(table);
  }

  static void proxies(RuntimeView view, Output output) {
    Table table =
        Table.of("PROXY", "RUNS", "STAGE", "TOOK", "OVERLAP", "REASON")
            .right(3, 4)
            .shrinkable(0, 5);
    for (RuntimeReport report : view.proxies()) {
      boolean well =
          report.stage() != RuntimeReport.Stage.FAILED
              && report.stage() != RuntimeReport.Stage.ROLLED_BACK;
      table.row(
          report.proxyId(),
          report.runningVersion(),
          Cell.of(well ? Style.PLAIN : Style.BAD, report.stage().name().toLowerCase(Locale.ROOT)),
          String.format(Locale.ROOT, "%.1f s", report.took().toMillis() / 1e3),
          report.overlapBytes() == 0 ? "-" : BundleView.megabytes(report.overlapBytes()),
          report.reason());
    }
    output.table(table);
  }

  private static String word(PatchState.Phase phase) {
    return phase.name().toLowerCase(Locale.ROOT);
  }

  private static Style style(PatchState.Phase phase) {
    return switch (phase) {
      case DONE -> Style.GOOD;
      case RETURNING, RETURNED -> Style.BAD;
      case ROLLING, SOAKING, PAUSED -> Style.STRONG;
    };
  }
}
