package dev.meshctl.cli.command;

import dev.meshctl.cli.Session;
import dev.meshctl.model.query.RunningMesh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code -f} and {@code --mesh}: a folder of YAML, and the mesh that runs on it. */
public final class FolderOption {
  @Option(
      names = {"-f", "--folder"},
      paramLabel = "DIR",
      description = "Folder of YAML (default: the one that the running mesh watches).")
  private @Nullable Path folder;

  @Mixin private MeshOption mesh = new MeshOption();

  public Path folder(Session session) {
    return folder != null ? folder : Path.of(mesh.mesh(session).configFolder());
  }

  /** The mesh that watches the folder; empty where only files are meant. */
  public Optional<RunningMesh> watching(Session session) throws IOException {
    if (folder == null || mesh.named()) {
      return Optional.of(mesh.mesh(session));
    }
    Path real = folder.toRealPath();
    for (RunningMesh running : session.meshes().running()) {
      Path watched = Path.of(running.configFolder());
      if (Files.exists(watched) && Files.isSameFile(watched, real)) {
        return Optional.of(running);
      }
    }
    return Optional.empty();
  }
}
