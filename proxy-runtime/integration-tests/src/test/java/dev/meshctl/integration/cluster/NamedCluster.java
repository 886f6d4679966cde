package dev.meshctl.integration.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A cluster that somebody else keeps, named by {@code MESHCTL_TEST_KUBECONFIG}.
 *
 * @param loader words of {@code MESHCTL_TEST_LOAD}: a command that takes an image archive, as
 *     {@code kind load image-archive}
 */
record NamedCluster(Path kubeconfig, List<String> loader) implements Cluster {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  NamedCluster {
    loader = List.copyOf(loader);
  }

  @Override
  public String kubectl() {
    return "kubectl";
  }

  @Override
  public Optional<String> withoutNodes() {
    String nodes =
        Output.of(
                new ProcessBuilder(
                    kubectl(), "--kubeconfig", kubeconfig.toString(), "get", "nodes", "-o", "name"),
                "",
                PATIENCE)
            .text();
    return nodes.isBlank() ? Optional.of(kubeconfig + " names one without") : Optional.empty();
  }

  @Override
  public Optional<List<String>> load() {
    return loader.isEmpty() ? Optional.empty() : Optional.of(loader);
  }

  @Override
  public Optional<List<String>> inNetwork() {
    return Optional.empty();
  }

  @Override
  public Optional<List<String>> inNode(String node) {
    return Optional.empty();
  }

  @Override
  public Optional<List<String>> kill() {
    return Optional.empty();
  }

  @Override
  public Optional<List<String>> restore() {
    return Optional.empty();
  }

  @Override
  public void close() {
    // Not ours to end.
  }
}
