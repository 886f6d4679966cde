package dev.meshctl.cli.runtime;

import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Redrawn;
import dev.meshctl.cli.render.Screen;
import dev.meshctl.model.patch.PatchState;
import dev.meshctl.model.patch.PatchState.Member;
import dev.meshctl.model.patch.PatchState.Standing;
import dev.meshctl.model.query.MeshQueryException;
import dev.meshctl.model.query.RuntimeView;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Patches as they go on, until all are over: on a terminal one picture that is drawn anew,
 * elsewhere a line for each change with the seconds since the start, and in JSON a view for each
 * change. Who answers nothing for a while (a control plane that starts anew) is asked on.
 *
 * <p>Thread: one.
 */
final class PatchWatch {
  private static final long INTERVAL_MILLIS = 500;

  private final Output output;
  private final Format format;
  private final Supplier<RuntimeView> asked;
  private final InstantSource clock;
  private final long begun = System.nanoTime();

  PatchWatch(Output output, Format format, Supplier<RuntimeView> asked, InstantSource clock) {
    this.output = output;
    this.format = format;
    this.asked = asked;
    this.clock = clock;
  }

  /** Returns what was seen last, which was shown. */
  RuntimeView follow() throws InterruptedException {
    if (format == Format.text && output.screen().terminal()) {
      Optional<Redrawn> drawn = Redrawn.open();
      if (drawn.isPresent()) {
        return onTerminal(drawn.get());
      }
    }
    return inLines();
  }

  private RuntimeView onTerminal(Redrawn drawn) throws InterruptedException {
    RuntimeView view = asked.get();
    String away = "";
    try (drawn) {
      while (underWay(view)) {
        Screen screen = output.screen();
        List<String> lines =
            PatchText.lines(
                view,
                clock.millis(),
                new Screen(true, screen.colour(), screen.noteColour(), drawn.columns()),
                drawn.rows());
        drawn.draw(away.isEmpty() ? lines : concat(away, lines));
        Thread.sleep(INTERVAL_MILLIS);
        try {
          view = asked.get();
          away = "";
        } catch (MeshQueryException unanswered) {
          away = "no answer, asking on: " + unanswered.getMessage();
        }
      }
    }
    PatchText.lines(view, clock.millis(), output.screen(), Integer.MAX_VALUE).forEach(output::line);
    return view;
  }

  private static List<String> concat(String first, List<String> others) {
    List<String> all = new java.util.ArrayList<>(List.of(first));
    all.addAll(others);
    return all;
  }

  private RuntimeView inLines() throws InterruptedException {
    RuntimeView view = asked.get();
    changed(null, view);
    boolean away = false;
    while (underWay(view)) {
      Thread.sleep(INTERVAL_MILLIS);
      try {
        RuntimeView next = asked.get();
        changed(view, next);
        view = next;
        away = false;
      } catch (MeshQueryException unanswered) {
        if (!away) {
          output.note("no answer, asking on: " + unanswered.getMessage());
        }
        away = true;
      }
    }
    if (format == Format.text) {
      PatchText.lines(view, clock.millis(), output.screen(), Integer.MAX_VALUE)
          .forEach(output::line);
    }
    return view;
  }

  private static boolean underWay(RuntimeView view) {
    return view.patches().stream().anyMatch(patch -> !patch.phase().over());
  }

  private void changed(@Nullable RuntimeView before, RuntimeView now) {
    if (format != Format.text) {
      if (!now.equals(before)) {
        output.jsonLine(now);
      }
      return;
    }
    for (PatchState patch : now.patches()) {
      PatchState was = before == null ? null : find(before, patch.plan().id());
      if (was == null && patch.phase().over()) {
        continue;
      }
      if (was == null || was.phase() != patch.phase() || was.wave() != patch.wave()) {
        say(
            patch.plan().id()
                + " to "
                + patch.plan().target().version()
                + ": "
                + PatchText.word(patch.phase())
                + ", wave "
                + (patch.wave() + 1)
                + " of "
                + patch.plan().waves().size()
                + (patch.problem().isEmpty()
                    ? ""
                    : ": " + PatchText.named(patch, patch.problem())));
      }
      patch.members().forEach((proxy, member) -> changed(was, proxy, member));
    }
  }

  private void changed(@Nullable PatchState was, String proxy, Member now) {
    Member before = was == null ? null : was.members().get(proxy);
    String told = told(now);
    if (before == null ? now.standing() == Standing.WAITING : told.equals(told(before))) {
      return;
    }
    say("  " + PatchText.name(proxy) + "  " + told);
  }

  private static String told(Member member) {
    return PatchText.state(member)
        + (member.connected() ? "" : " (away)")
        + (member.reason().isEmpty() ? "" : ": " + member.reason());
  }

  private static @Nullable PatchState find(RuntimeView view, String id) {
    return view.patches().stream()
        .filter(patch -> Objects.equals(patch.plan().id(), id))
        .findFirst()
        .orElse(null);
  }

  private void say(String text) {
    output.line(String.format(Locale.ROOT, "%6.1f s  %s", (System.nanoTime() - begun) / 1e9, text));
  }
}
