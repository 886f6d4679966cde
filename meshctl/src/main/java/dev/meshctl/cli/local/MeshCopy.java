package dev.meshctl.cli.local;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.context.RunningMeshes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** A working copy of a folder of YAML, to be edited while a mesh runs from it. */
public final class MeshCopy implements AutoCloseable {
  private final Path folder;
  private boolean leftToMesh;

  private MeshCopy(Path folder) {
    this.folder = folder;
  }

  /**
   * @param mesh name of the mesh that will run from the copy
   * @throws CommandFailure where that mesh runs already
   */
  public static MeshCopy of(Path source, RunningMeshes meshes, String mesh) throws IOException {
    if (RunFolder.isTaken(meshes, mesh)) {
      throw CommandFailure.failed(
          "a mesh " + mesh + " runs already",
          "end it with `meshctl local down --name " + mesh + "`");
    }
    Path folder = RunFolder.copyFolder(meshes.folder(mesh));
    RunFolder.delete(folder);
    Files.createDirectories(folder.getParent());
    Files.createDirectory(folder);
    try (Stream<Path> files = Files.list(source)) {
      List<Path> yaml = files.filter(file -> file.toString().endsWith(".yaml")).toList();
      for (Path file : yaml) {
        Files.copy(file, folder.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return new MeshCopy(folder);
  }

  public Path folder() {
    return folder;
  }

  /** From now on the mesh removes it when it ends. */
  public void leaveToMesh() {
    leftToMesh = true;
  }

  @Override
  public void close() throws IOException {
    if (!leftToMesh) {
      RunFolder.delete(folder);
    }
  }
}
