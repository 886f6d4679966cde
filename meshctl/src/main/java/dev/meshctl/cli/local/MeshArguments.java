package dev.meshctl.cli.local;

import dev.meshctl.cli.CommandFailure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which mesh to start, as said on the command line. */
final class MeshArguments {
  @Option(
      names = {"-f", "--folder"},
      required = true,
      paramLabel = "DIR",
      description = "Folder of YAML; its bin/ is first on the PATH of workloads.")
  private Path folder = Path.of("");

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Name of the mesh; the folder's unless told.")
  private @Nullable String name;

  @Option(
      names = "--programs",
      paramLabel = "DIR",
      description = "Folder of the workloads' programs; bin/ of the YAML's folder unless told.")
  private @Nullable Path programs;

  @Option(
      names = "--transparent",
      description = "Capture traffic in network namespaces (as root); workloads know nothing.")
  private boolean transparent;

  LocalMeshOptions options() {
    Path absolute = folder.toAbsolutePath().normalize();
    String chosen =
        Optional.ofNullable(name).orElseGet(() -> nameOf(String.valueOf(absolute.getFileName())));
    try {
      return new LocalMeshOptions(
          chosen,
          absolute,
          programs == null ? absolute.resolve("bin") : programs.toAbsolutePath().normalize(),
          transparent);
    } catch (IllegalArgumentException wrong) {
      throw CommandFailure.refused(
          String.valueOf(wrong.getMessage()), List.of(), "choose another --name");
    }
  }

  /** The same, for another process of ours. */
  static List<String> words(LocalMeshOptions options) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("-f", options.configFolder().toString()));
    words.addAll(List.of("--name", options.name()));
    words.addAll(List.of("--programs", options.programs().toString()));
    if (options.transparent()) {
      words.add("--transparent");
    }
    return words;
  }

  private static String nameOf(String folder) {
    String name =
        folder.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
    return name.isEmpty() ? "mesh" : name.substring(0, Math.min(name.length(), 40));
  }
}
