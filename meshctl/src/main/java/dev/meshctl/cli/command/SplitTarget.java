package dev.meshctl.cli.command;

import dev.meshctl.cli.Session;
import dev.meshctl.model.query.RunningMesh;
import dev.meshctl.model.traffic.SplitRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which split, in which folder, and the mesh that runs on it. */
final class SplitTarget {
  @Parameters(
      index = "0",
      paramLabel = "HOST",
      description = "Service: reviews, reviews.shop, or in full.")
  private String host = "";

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAMESPACE",
      defaultValue = "",
      description = "Of the host, where several have it.")
  private String namespace = "";

  @Option(
      names = "--rule",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Name of the rule, where the host has several.")
  private String rule = "";

  @Option(
      names = {"-f", "--folder"},
      paramLabel = "DIR",
      description = "Folder of YAML (default: the one that the running mesh watches).")
  private @Nullable Path folder;

  @Mixin private MeshOption mesh = new MeshOption();

  SplitRequest request(Map<String, Integer> weights) {
    return new SplitRequest(host, namespace, rule, weights);
  }

  Path folder(Session session) {
    return folder != null ? folder : Path.of(mesh.mesh(session).configFolder());
  }

  /** The mesh that watches the folder; empty where only files are edited. */
  Optional<RunningMesh> watching(Session session) throws IOException {
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
