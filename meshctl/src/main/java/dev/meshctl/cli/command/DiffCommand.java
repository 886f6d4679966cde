package dev.meshctl.cli.command;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.context.ClusterMesh;
import dev.meshctl.cli.context.Folders;
import dev.meshctl.cli.render.Differences;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import dev.meshctl.cluster.reading.ClusterReading;
import dev.meshctl.model.compare.Difference;
import dev.meshctl.model.compare.ResourceChange;
import dev.meshctl.model.compare.SemanticDiff;
import dev.meshctl.model.source.FolderContents;
import dev.meshctl.model.source.FolderSource;
import dev.meshctl.model.validation.ValidatedMesh;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meshctl diff}. */
@Command(
    name = "diff",
    description = {
      "Show what a folder of YAML would change in the running mesh, or in another folder.",
      "With --semantic: the requests whose fate changes, with an example of each kind.",
      "Exit code 0 where nothing changes, 1 where something does, 2 where it cannot be said."
    })
public final class DiffCommand implements Action {
  @Option(
      names = {"-f", "--folder"},
      paramLabel = "DIR",
      required = true,
      description = "The new configuration: a folder of YAML, or one file.")
  private Path folder = Path.of("");

  @Option(
      names = "--base",
      paramLabel = "DIR",
      description = {
        "What it is compared with (default: the folder that the running mesh watches; with"
            + " --context, what the cluster holds, over which it would be applied)."
      })
  private @Nullable Path base;

  @Option(
      names = "--semantic",
      description = "Compare what becomes of requests, not what is written.")
  private boolean semantic;

  @Mixin private MeshOption mesh = new MeshOption();
  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) throws IOException {
    FolderContents after = FolderSource.read(folder);
    if (base == null && mesh.onCluster()) {
      return overCluster(after, session.output());
    }
    FolderContents before =
        FolderSource.read(base != null ? base : Path.of(mesh.mesh(session).configFolder()));
    return semantic
        ? fates(Folders.mesh(before), Folders.mesh(after), session.output())
        : texts(before, after, session.output());
  }

  /** What applying the folder would change; what the cluster has besides stays. */
  private ExitCode overCluster(FolderContents above, Output output) {
    try (ClusterMesh cluster = mesh.cluster()) {
      ClusterReading held = cluster.read();
      if (!semantic) {
        return texts(held.contents(), cluster.applied(held, above), output);
      }
      ClusterMesh.MeshSettings settings = cluster.settings();
      return fates(
          Folders.validated(held, settings).mesh(),
          Folders.validated(held.with(above), settings).mesh(),
          output);
    }
  }

  private ExitCode fates(ValidatedMesh before, ValidatedMesh after, Output output) {
    Difference difference = SemanticDiff.between(before, after);
    if (format.format() == Format.text) {
      Differences.show(difference, folder, output);
    } else {
      output.value(difference, format.format());
    }
    return difference.classes().isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  private ExitCode texts(FolderContents before, FolderContents after, Output output) {
    List<ResourceChange> changes = ResourceChange.between(before, after);
    if (format.format() != Format.text) {
      output.value(changes, format.format());
    } else {
      changes.stream()
          .flatMap(change -> change.patch().lines())
          .forEach(line -> output.line(output.paint(style(line), line)));
      output.note(
          changes.isEmpty()
              ? "no resource differs"
              : Plural.of(changes.size(), "resource")
                  + (changes.size() == 1 ? " differs" : " differ")
                  + "; which requests notice: meshctl diff --semantic");
    }
    return changes.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  private static Style style(String line) {
    if (line.startsWith("+++") || line.startsWith("---")) {
      return Style.STRONG;
    }
    return switch (line.isEmpty() ? ' ' : line.charAt(0)) {
      case '+' -> Style.GOOD;
      case '-' -> Style.BAD;
      case '@' -> Style.NAME;
      default -> Style.PLAIN;
    };
  }
}
