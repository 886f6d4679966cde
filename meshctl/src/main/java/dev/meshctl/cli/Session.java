package dev.meshctl.cli;

import dev.meshctl.cli.context.RunningMeshes;
import dev.meshctl.cli.render.Output;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.RunningMesh;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What a command works with, whichever way it was called.
 *
 * @param environment of the process
 * @param home of the distribution: {@code lib}, {@code cache}; empty where run from classes
 */
public record Session(
    Output output, Map<String, String> environment, RunningMeshes meshes, Optional<Path> home) {
  public Session {
    environment = Map.copyOf(environment);
  }

  /**
   * The mesh a command is about.
   *
   * @throws dev.meshctl.model.query.MeshQueryException.NoMesh where there is none, or several
   */
  public RunningMesh mesh(Optional<String> name) {
    String asked = environment.getOrDefault("MESHCTL_MESH", "");
    return meshes.find(name.or(() -> asked.isBlank() ? Optional.empty() : Optional.of(asked)));
  }

  /** A client of that mesh, to be closed by the caller. */
  public MeshClient client(Optional<String> mesh) {
    return MeshClient.of(mesh(mesh).endpoint());
  }
}
