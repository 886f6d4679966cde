package dev.meshctl.cluster;

import io.fabric8.kubernetes.api.model.NamedCluster;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.internal.KubeConfigUtils;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the files that say which cluster is meant, and says what is wrong with them. */
final class Kubeconfigs {
  private static final String VARIABLE = "KUBECONFIG";

  private Kubeconfigs() {}

  /**
   * @param home where {@code .kube/config} is, if no file is named
   */
  static Config read(ClusterAccess.Kubeconfig access, Map<String, String> environment, Path home)
      throws ClusterException {
    List<Path> files = files(access, environment, home);
    List<io.fabric8.kubernetes.api.model.Config> parsed = new ArrayList<>();
    for (Path file : files) {
      parsed.add(parse(file));
    }
    String context = contextOf(access, files, parsed);
    requireCluster(context, files, parsed);
    Config config = Config.empty();
    try {
      KubeConfigUtils.merge(
          config, context, parsed.toArray(io.fabric8.kubernetes.api.model.Config[]::new));
    } catch (KubernetesClientException broken) {
      throw wrong(
          names(files) + ": context " + context + " cannot be used: " + broken.getMessage(),
          "check the user's exec command in the file");
    }
    return config;
  }

  private static List<Path> files(
      ClusterAccess.Kubeconfig access, Map<String, String> environment, Path home)
      throws ClusterException {
    if (access.file().isPresent()) {
      Path named = access.file().get();
      if (!Files.isRegularFile(named)) {
        throw wrong(named + ": there is no such kubeconfig", "name a file that exists");
      }
      return List.of(named);
    }
    String listed = environment.getOrDefault(VARIABLE, "");
    if (listed.isBlank()) {
      Path usual = home.resolve(".kube").resolve("config");
      if (!Files.isRegularFile(usual)) {
        throw wrong(
            "no cluster is named: " + VARIABLE + " is not set and " + usual + " does not exist",
            "set " + VARIABLE + ", or say --kubeconfig FILE");
      }
      return List.of(usual);
    }
    // As kubectl: of several, those that do not exist are passed over.
    List<Path> existing =
        Arrays.stream(listed.split(File.pathSeparator))
            .filter(name -> !name.isBlank())
            .map(Path::of)
            .filter(Files::isRegularFile)
            .toList();
    if (existing.isEmpty()) {
      throw wrong(
          VARIABLE + "=" + listed + ": there is no such file",
          "set " + VARIABLE + " to a kubeconfig that exists, or say --kubeconfig FILE");
    }
    return existing;
  }

  private static io.fabric8.kubernetes.api.model.Config parse(Path file) throws ClusterException {
    if (!Files.isReadable(file)) {
      throw wrong(file + ": cannot be read by this user", "change its owner or its mode");
    }
    try {
      io.fabric8.kubernetes.api.model.Config parsed = KubeConfigUtils.parseConfig(file.toFile());
      if (parsed.getClusters() == null || parsed.getClusters().isEmpty()) {
        throw wrong(file + ": names no cluster", "name a kubeconfig: kind: Config with clusters");
      }
      return parsed;
    } catch (RuntimeException broken) {
      // The client's own, or whatever its YAML reader throws.
      Throwable cause = broken.getCause() == null ? broken : broken.getCause();
      throw new ClusterException(
          ClusterException.Reason.CONFIGURATION,
          file + ": is not a kubeconfig (" + firstLine(cause) + "); name another with --kubeconfig",
          broken);
    }
  }

  private static String contextOf(
      ClusterAccess.Kubeconfig access,
      List<Path> files,
      List<io.fabric8.kubernetes.api.model.Config> parsed)
      throws ClusterException {
    Optional<String> current =
        parsed.stream()
            .map(io.fabric8.kubernetes.api.model.Config::getCurrentContext)
            .filter(name -> name != null && !name.isBlank())
            .findFirst();
    String name =
        access
            .context()
            .or(() -> current)
            .orElseThrow(() ->
                wrong(
                    names(files) + ": has no current context",
                    "say --context NAME (there is: " + contexts(parsed) + ")"));
    if (context(name, parsed) == null) {
      throw wrong(names(files) + ": has no context " + name, "choose one of: " + contexts(parsed));
    }
    return name;
  }

  private static void requireCluster(
      String context, List<Path> files, List<io.fabric8.kubernetes.api.model.Config> parsed)
      throws ClusterException {
    NamedContext named = context(context, parsed);
    String cluster =
        named == null || named.getContext() == null ? null : named.getContext().getCluster();
    Optional<NamedCluster> found =
        parsed.stream()
            .filter(config -> config.getClusters() != null)
            .flatMap(config -> config.getClusters().stream())
            .filter(entry -> entry.getName() != null && entry.getName().equals(cluster))
            .findFirst();
    String server =
        found.isEmpty() || found.get().getCluster() == null
            ? null
            : found.get().getCluster().getServer();
    if (server == null || server.isBlank()) {
      throw wrong(
          names(files)
              + ": context "
              + context
              + " means cluster "
              + cluster
              + ", which has no"
              + " server there",
          "add the cluster, or choose another context");
    }
  }

  private static @Nullable NamedContext context(
      String name, List<io.fabric8.kubernetes.api.model.Config> parsed) {
    return parsed.stream()
        .filter(config -> config.getContexts() != null)
        .flatMap(config -> config.getContexts().stream())
        .filter(entry -> name.equals(entry.getName()))
        .findFirst()
        .orElse(null);
  }

  private static String contexts(List<io.fabric8.kubernetes.api.model.Config> parsed) {
    String all =
        parsed.stream()
            .filter(config -> config.getContexts() != null)
            .flatMap(config -> config.getContexts().stream())
            .map(NamedContext::getName)
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
    return all.isEmpty() ? "none" : all;
  }

  private static String names(List<Path> files) {
    return files.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  private static String firstLine(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.toString() : message.lines().findFirst().orElse("");
  }

  private static ClusterException wrong(String what, String fix) {
    return new ClusterException(ClusterException.Reason.CONFIGURATION, what + "; " + fix);
  }
}
