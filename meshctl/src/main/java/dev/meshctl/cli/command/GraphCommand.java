package dev.meshctl.cli.command;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.context.Folders;
import dev.meshctl.cli.context.MeshReplicas;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Screen;
import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphWatch;
import dev.meshctl.model.topology.MeshGraph;
import dev.meshctl.model.topology.render.DotGraph;
import dev.meshctl.model.topology.render.GraphRenderer;
import dev.meshctl.model.topology.render.JsonGraph;
import dev.meshctl.model.topology.render.MermaidGraph;
import dev.meshctl.model.topology.render.SvgGraph;
import dev.meshctl.model.topology.render.TextGraph;
import dev.meshctl.model.xds.MeshInventory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meshctl graph}. */
@Command(
    name = "graph",
    description = {
      "Show the service graph: who may call whom, who did, and how well.",
      "With -f, what a folder of YAML allows, without any mesh."
    },
    footer = {"", "  meshctl graph --watch", "  meshctl graph -o svg > mesh.svg"})
public final class GraphCommand implements Action {
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final int USUAL_COLUMNS = 120;

  /** {@code -o}. */
  enum Form {
    text,
    json,
    dot,
    mermaid,
    svg
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Form form = Form.text;

  @Option(
      names = {"-w", "--watch"},
      description = "Show it anew each second, until Ctrl-C; json is one object a line then.")
  private boolean watch;

  @Option(
      names = "--window",
      paramLabel = "DURATION",
      defaultValue = "10s",
      description = "What rates are measured over (default: ${DEFAULT-VALUE}).")
  private Duration window = Duration.ofSeconds(10);

  @Option(
      names = {"-f", "--folder"},
      paramLabel = "DIR",
      description = "A folder of YAML instead of a running mesh.")
  private @Nullable Path folder;

  @Mixin private MeshOption mesh = new MeshOption();

  @Override
  public ExitCode run(Session session) throws IOException, InterruptedException {
    Output output = session.output();
    if (watch && (folder != null || (form != Form.text && form != Form.json))) {
      throw CommandFailure.refused(
          "--watch goes with a running mesh and the forms text and json",
          List.of(),
          "leave out --watch, or -f and -o");
    }
    if (folder != null) {
      show(expected(folder), output);
      return ExitCode.OK;
    }
    try (MeshReplicas replicas = mesh.replicas(session)) {
      if (watch) {
        watch(replicas, output);
      } else {
        show(replicas.graph(window), output);
      }
    }
    return ExitCode.OK;
  }

  private void watch(MeshReplicas replicas, Output output) throws InterruptedException {
    boolean redraw = output.screen().terminal() && form == Form.text;
    if (redraw) {
      output.out().print("\u001b[2J");
    }
    if (replicas.all().size() == 1) {
      try (GraphWatch graphs = replicas.all().getFirst().client().watchGraph(window)) {
        while (graphs.hasNext()) {
          update(graphs.next(), redraw, output);
        }
      }
      return;
    }
    while (true) {
      update(replicas.graph(window), redraw, output);
      Thread.sleep(INTERVAL);
    }
  }

  private void update(GraphView view, boolean redraw, Output output) {
    if (form == Form.json) {
      output.jsonLine(view);
    } else if (redraw) {
      // Home, each line with its old rest erased, then whatever is below.
      String text = renderer(output.screen()).render(view).replace("\n", "\u001b[K\n");
      output.out().print("\u001b[H" + text + "\u001b[J");
      output.out().flush();
    } else {
      show(view, output);
      output.line("");
    }
  }

  private void show(GraphView view, Output output) {
    output.out().print(renderer(output.screen()).render(view));
    output.out().flush();
  }

  private GraphRenderer renderer(Screen screen) {
    return switch (form) {
      case text ->
          new TextGraph(
              screen.columns() == Screen.UNBOUNDED ? USUAL_COLUMNS : screen.columns(),
              screen.colour());
      case json -> new JsonGraph();
      case dot -> new DotGraph();
      case mermaid -> new MermaidGraph();
      case svg -> new SvgGraph("Service graph");
    };
  }

  private GraphView expected(Path from) throws IOException {
    return MeshGraph.of(Folders.mesh(from), MeshInventory.EMPTY).view(0, window, List.of());
  }
}
