package dev.meshctl.cli.command;

import dev.meshctl.cli.Session;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.RunningMesh;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --mesh}, for commands that ask a running mesh. */
final class MeshOption {
  @Option(
      names = "--mesh",
      paramLabel = "NAME",
      description = "The mesh to ask, where several run (or MESHCTL_MESH).")
  private @Nullable String name;

  MeshClient client(Session session) {
    return session.client(Optional.ofNullable(name));
  }

  RunningMesh mesh(Session session) {
    return session.mesh(Optional.ofNullable(name));
  }

  boolean named() {
    return name != null;
  }
}
