package dev.meshctl.cli.install;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cluster.install.Followers;
import dev.meshctl.cluster.install.InstallValues;
import dev.meshctl.cluster.install.InstallValues.Problem;
import dev.meshctl.cluster.install.InstallValues.Said;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code -f}, {@code --set}, {@code --revision}. */
final class ValuesOption {
  @Option(
      names = {"-f", "--values"},
      paramLabel = "FILE",
      description = "Values as YAML; several are laid over one another.")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "One value, over those of files; docs/guide/install.md has all names.")
  private List<String> assignments = new ArrayList<>();

  @Option(
      names = "--revision",
      paramLabel = "NAME",
      description =
          "Beside what is installed already, under this name (short for --set revision=).")
  private @Nullable String revision;

  /** Of {@code --revision}; empty where it was not said. */
  String revision() {
    return revision == null ? "" : revision;
  }

  /** More than the revision was said. */
  boolean saysMore() {
    return !files.isEmpty() || !assignments.isEmpty();
  }

  /**
   * @throws CommandFailure with every problem, where there are any
   */
  InstallValues values(String version) throws IOException {
    List<Said> said = new ArrayList<>();
    for (Path file : files) {
      said.add(new Said.File(file.toString(), Files.readString(file)));
    }
    assignments.forEach(text -> said.add(new Said.Assignment(text)));
    if (revision != null && !revision.equals(Followers.DEFAULT)) {
      said.add(new Said.Assignment("revision=" + revision));
    }
    InstallValues.Checked checked = InstallValues.of(version, said);
    if (!checked.problems().isEmpty()) {
      List<Problem> problems = checked.problems();
      throw CommandFailure.refused(
          problems.size() == 1 ? "a value cannot be" : problems.size() + " values cannot be",
          problems.stream().map(problem -> problem + "; " + problem.fix()).toList(),
          "correct " + (problems.size() == 1 ? "it" : "them") + "; nothing was changed");
    }
    return checked.values();
  }
}
