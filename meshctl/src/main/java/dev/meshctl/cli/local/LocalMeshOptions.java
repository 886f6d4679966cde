package dev.meshctl.cli.local;

import java.nio.file.Path;

/**
 * What to start.
 *
 * @param name unique among one user's meshes; also the name of the run folder
 * @param configFolder YAML of the mesh, watched
 * @param programs folder that is first on the {@code PATH} of workloads, stands in for images
 * @param transparent capture by the kernel (as root) instead of by the workload's own settings
 */
public record LocalMeshOptions(String name, Path configFolder, Path programs, boolean transparent) {
  public LocalMeshOptions {
    if (!name.matches("[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?")) {
      throw new IllegalArgumentException(
          "mesh name: " + name + " (expected: lower-case letters, digits and -, at most 52)");
    }
  }

  /** {@code explicit} or {@code transparent}. */
  public String capture() {
    return transparent ? "transparent" : "explicit";
  }
}
