package dev.meshctl.model.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  @Test
  void permissions_stay_and_nothing_is_left_beside_the_file() throws IOException {
    Path file = Files.writeString(folder.resolve("a.yaml"), "old");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r-x"));

    AtomicFile.write(file, "néw");

    assertThat(file).hasContent("néw");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r--r-x");
    assertOnlyFile("a.yaml");
  }

  @Test
  void a_link_stays_a_link_and_its_target_is_replaced() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Path target = Files.writeString(elsewhere.resolve("real.yaml"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("a.yaml"), target);

    AtomicFile.write(link, "new");

    assertThat(link).isSymbolicLink();
    assertThat(target).hasContent("new");
  }

  @Test
  void readers_keep_the_file_that_they_opened() throws IOException {
    Path file = Files.writeString(folder.resolve("a.yaml"), "old");

    try (var reader = Files.newBufferedReader(file)) {
      AtomicFile.write(file, "new");
      assertThat(reader.readLine()).isEqualTo("old");
    }
    assertThat(file).hasContent("new");
  }

  @Test
  void a_new_file_is_made() throws IOException {
    AtomicFile.write(folder.resolve("a.yaml"), "new");

    assertThat(folder.resolve("a.yaml")).hasContent("new");
  }

  @Test
  void a_folder_is_not_replaced() throws IOException {
    Path target = Files.createDirectory(folder.resolve("a.yaml"));

    assertThatThrownBy(() -> AtomicFile.write(target, "new"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not a file");
    assertThat(target).isEmptyDirectory();
  }

  @Test
  void a_link_that_leads_nowhere_is_named() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("a.yaml"), folder.resolve("gone"));

    assertThatThrownBy(() -> AtomicFile.write(link, "new")).isInstanceOf(NoSuchFileException.class);
    assertThat(link).isSymbolicLink();
  }

  private void assertOnlyFile(String name) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactly(name);
    }
  }
}
