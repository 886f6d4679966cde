package dev.meshctl.cli.demo;

import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Redrawn;
import dev.meshctl.cli.render.Screen;
import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.MeshQueryException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** The demo on a terminal: phases so far, the split as it is measured, the edges, redrawn. */
final class LiveView implements DemoView {
  private static final int BAR = 30;

  private final Redrawn screen;
  private final List<String> done = new ArrayList<>();
  private String current = "";
  private long lastDrawNanos;

  private LiveView(Redrawn screen) {
    this.screen = screen;
  }

  static DemoView open(Output output) {
    return Redrawn.open()
        .<DemoView>map(LiveView::new)
        .orElseGet(() -> DemoView.plain(output::note));
  }

  @Override
  public void moving(Map<String, Integer> weights) {
    current = "split of reviews to " + DemoView.percents(weights) + " ...";
    draw(List.of());
  }

  @Override
  public void acknowledged(Map<String, Integer> weights, Duration took) {
    current =
        "split of reviews "
            + DemoView.percents(weights)
            + ", acknowledged by every proxy after "
            + took.toMillis()
            + " ms";
    draw(List.of());
  }

  @Override
  public void tick(
      long sent, long failed, Supplier<GraphView> graph, Map<String, Integer> weights) {
    if (System.nanoTime() - lastDrawNanos < 900_000_000L) {
      return;
    }
    List<String> lines = new ArrayList<>();
    lines.add(sent + " requests through the gateway, " + failed + " failed");
    lines.add("");
    try {
      GraphView view = graph.get();
      DemoReport.Phase now = Measurement.phase(weights, Measurement.byVersion(view, "reviews"), 0);
      now.desired()
          .forEach((version, desired) -> lines.add(bar(version, desired, observed(now, version))));
      lines.add("");
      lines.addAll(DemoText.edgeTable(Measurement.edges(view)).lines(Screen.PLAIN));
    } catch (MeshQueryException away) {
      lines.add(String.valueOf(away.getMessage()));
    }
    draw(lines);
  }

  @Override
  public void measured(DemoReport.Phase phase) {
    StringBuilder desired = new StringBuilder();
    phase
        .desired()
        .forEach((version, share) ->
            desired.append(version).append(' ').append(share.intValue()).append(" %  "));
    done.add((phase.agreed() ? "ok    " : "WRONG ") + desired + DemoView.observed(phase));
    current = "";
    draw(List.of());
  }

  @Override
  public void close() {
    screen.close();
  }

  private static double observed(DemoReport.Phase phase, String version) {
    return phase.observed().getOrDefault(version, 0.0);
  }

  private static String bar(String version, double desired, double observed) {
    int filled = (int) Math.round(BAR * observed / 100);
    return String.format(
        Locale.ROOT,
        "%-4s %s%s %5.1f %%  (desired %.0f %%)",
        version,
        "#".repeat(filled),
        ".".repeat(BAR - filled),
        observed,
        desired);
  }

  private void draw(List<String> below) {
    lastDrawNanos = System.nanoTime();
    List<String> lines = new ArrayList<>(done);
    if (!current.isEmpty()) {
      lines.add(current);
    }
    lines.addAll(below);
    screen.draw(lines);
  }
}
