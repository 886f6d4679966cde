package dev.meshctl.cli.command;

import dev.meshctl.cli.Session;
import dev.meshctl.model.query.RunningMesh;
import dev.meshctl.model.traffic.SplitRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
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

  @Mixin private FolderOption where = new FolderOption();

  SplitRequest request(Map<String, Integer> weights) {
    return new SplitRequest(host, namespace, rule, weights);
  }

  Path folder(Session session) {
    return where.folder(session);
  }

  /** The mesh that watches the folder; empty where only files are edited. */
  Optional<RunningMesh> watching(Session session) throws IOException {
    return where.watching(session);
  }
}
