package dev.meshctl.cli.command;

import dev.meshctl.app.config.ConfigFiles;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.context.ClusterMesh;
import dev.meshctl.cli.context.Folders;
import dev.meshctl.cli.context.MeshReplicas;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.RunningMesh;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.MeshInventory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code -f}, {@code --mesh} and {@code --context}: a folder of YAML, or what a mesh runs on. */
public final class FolderOption {
  @Option(
      names = {"-f", "--folder"},
      paramLabel = "DIR",
      description = "Folder of YAML (default: the one that the running mesh watches).")
  private @Nullable Path folder;

  @Mixin private MeshOption mesh = new MeshOption();

  /**
   * The mesh of the folder, or of the cluster where one is named.
   *
   * @throws CommandFailure where it holds none, with what is wrong
   */
  public ValidatedMesh configured(Session session) throws IOException {
    if (folder == null && mesh.onCluster()) {
      try (ClusterMesh cluster = mesh.cluster()) {
        return Folders.validated(cluster.read(), cluster.settings()).mesh();
      }
    }
    return Folders.mesh(folder(session));
  }

  /** A cluster is meant, and no folder. */
  public boolean onCluster() {
    return folder == null && mesh.onCluster();
  }

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

  /**
   * What is configured, with what runs of it: a folder alone has the replicas that it asks for; a
   * cluster has its Pods, which are part of what was read.
   *
   * @throws CommandFailure as {@link #configured}
   */
  public Scene scene(Session session) throws IOException {
    if (onCluster()) {
      return Scene.of(configured(session), Optional.of(MeshInventory.EMPTY));
    }
    Optional<RunningMesh> running = watching(session);
    return Scene.of(
        configured(session),
        running.isEmpty() ? Optional.empty() : Optional.of(inventory(running.get(), session)));
  }

  /** What runs, as the launcher of a mesh on this machine wrote it down. */
  public static MeshInventory inventory(RunningMesh mesh, Session session) throws IOException {
    return ConfigFiles.readInventory(
        session.meshes().folder(mesh.name()).resolve("inventory.json"));
  }

  /** Whom to ask of the mesh that runs there, to be closed; empty for files alone. */
  public Optional<MeshReplicas> asking(Session session) throws IOException {
    if (onCluster()) {
      return Optional.of(mesh.replicas(session));
    }
    return watching(session).map(running -> MeshReplicas.of(MeshClient.of(running.endpoint())));
  }
}
