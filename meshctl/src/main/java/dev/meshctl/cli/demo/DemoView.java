package dev.meshctl.cli.demo;

import dev.meshctl.cli.local.Progress;
import dev.meshctl.cli.render.Output;
import dev.meshctl.model.query.GraphView;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** What is seen while a demo runs. */
interface DemoView extends AutoCloseable {
  void moving(Map<String, Integer> weights);

  void acknowledged(Map<String, Integer> weights, Duration took);

  /** Called a few times a second; {@code graph} asks the control plane. */
  void tick(long sent, long failed, Supplier<GraphView> graph, Map<String, Integer> weights);

  void measured(DemoReport.Phase phase);

  @Override
  void close();

  /** Lines that stay. */
  static DemoView plain(Progress progress) {
    return new DemoView() {
      @Override
      public void moving(Map<String, Integer> weights) {
        progress.line("split of reviews to " + percents(weights));
      }

      @Override
      public void acknowledged(Map<String, Integer> weights, Duration took) {
        progress.line("  every proxy acknowledged after " + took.toMillis() + " ms");
      }

      @Override
      public void tick(
          long sent, long failed, Supplier<GraphView> graph, Map<String, Integer> weights) {}

      @Override
      public void measured(DemoReport.Phase phase) {
        progress.line("  " + observed(phase));
      }

      @Override
      public void close() {}
    };
  }

  /** Redrawn in place. */
  static DemoView onTerminal(Output output) {
    return LiveView.open(output);
  }

  static String percents(Map<String, Integer> weights) {
    return weights.entrySet().stream()
        .map(entry -> entry.getKey() + " " + entry.getValue() + " %")
        .collect(Collectors.joining(", "));
  }

  static String observed(DemoReport.Phase phase) {
    return "sidecars measured "
        + phase.observed().entrySet().stream()
            .map(entry ->
                entry.getKey() + " " + String.format(Locale.ROOT, "%.1f %%", entry.getValue()))
            .collect(Collectors.joining(", "))
        + " of "
        + phase.requests()
        + " calls"
        + (phase.agreed() ? "" : ", which chance does not explain");
  }
}
