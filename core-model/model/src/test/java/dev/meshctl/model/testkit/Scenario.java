package dev.meshctl.model.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * One folder of files: inputs ({@code in-*.yaml}, {@code invalid-FIELD-FAULT.yaml}, {@code
 * valid-*.yaml}) and what comes of them ({@code out-*}). {@link #assertNothingIsUnused} fails where
 * a file was neither read nor compared, so that nothing lies about that no test looks at.
 *
 * <p>With the system property {@code scenarios.write=true} outputs are written instead of compared:
 * look at the difference before you commit it.
 */
public final class Scenario {
  private static final boolean WRITES = Boolean.getBoolean("scenarios.write");

  private final Path folder;
  private final Set<Path> used = new TreeSet<>();

  private Scenario(Path folder) {
    this.folder = folder;
  }

  /** All scenarios of a room, {@code src/test/resources/scenarios/ROOM/*}, by name. */
  public static List<Scenario> of(String room) {
    Path folder = Path.of("src", "test", "resources", "scenarios", room);
    List<Scenario> scenarios = list(folder).stream().map(Scenario::new).toList();
    assertThat(scenarios).as("scenarios in %s", folder).isNotEmpty();
    return scenarios;
  }

  /** The name of the folder. */
  public String name() {
    return folder.getFileName().toString();
  }

  /** Files whose names begin so, by name; they count as used. */
  public List<Path> files(String prefix) {
    List<Path> files =
        list(folder).stream()
            .filter(file -> file.getFileName().toString().startsWith(prefix))
            .toList();
    used.addAll(files);
    return files;
  }

  /** Compares with the file {@code out-NAME}, which counts as used. */
  public void assertOutput(String name, String actual) {
    Path file = folder.resolve("out-" + name);
    used.add(file);
    try {
      if (WRITES) {
        Files.writeString(file, actual);
      }
      assertThat(file).as("what is expected of %s", name).exists();
      assertThat(actual).as("%s/%s", name(), file.getFileName()).isEqualTo(Files.readString(file));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** The last thing a test does with a scenario. */
  public void assertNothingIsUnused() {
    assertThat(list(folder)).as("files of %s that a test uses", folder).hasSameElementsAs(used);
  }

  @Override
  public String toString() {
    return name();
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
