package dev.meshctl.model.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.model.validation.Diagnostic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderSourceTest {
  @TempDir Path folder;

  @Test
  void yaml_files_are_read_by_name_and_hidden_ones_are_not() throws IOException {
    write("b.yaml", account("b"));
    write("a.yml", account("a"));
    write("sub/c.yaml", account("c"));
    write(".git/d.yaml", account("d"));
    write(".b.yaml.swp.yaml", account("e"));
    write("notes.txt", "not YAML: [");

    FolderContents contents = FolderSource.read(folder);

    assertThat(contents.files())
        .extracting(SourceFile::name)
        .containsExactly("a.yml", "b.yaml", "sub/c.yaml");
    assertThat(contents.documents().resources())
        .extracting(located -> located.resource().metadata().name())
        .containsExactly("a", "b", "c");
    assertThat(contents.documents().resources().get(2).at("").source()).isEqualTo("sub/c.yaml");
  }

  @Test
  void the_digest_is_that_of_the_bytes() throws IOException {
    write("a.yaml", "abc");

    assertThat(FolderSource.read(folder).files().getFirst().sha256())
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        .isEqualTo(FolderSource.sha256("abc"));
  }

  @Test
  void a_file_that_is_not_text_does_not_hide_the_others() throws IOException {
    Files.write(folder.resolve("a.yaml"), "café".getBytes(StandardCharsets.ISO_8859_1));
    write("b.yaml", account("b"));

    ParsedDocuments documents = FolderSource.read(folder).documents();

    assertThat(documents.resources()).hasSize(1);
    assertThat(documents.diagnostics())
        .singleElement()
        .extracting(Diagnostic::code)
        .isEqualTo("MESH0016");
  }

  @Test
  void one_file_is_a_folder_of_one() throws IOException {
    write("a.yaml", account("a"));
    write("b.yaml", account("b"));

    FolderContents contents = FolderSource.read(folder.resolve("b.yaml"));

    assertThat(contents.files()).extracting(SourceFile::name).containsExactly("b.yaml");
    assertThat(contents.folder()).isEqualTo(folder);
  }

  @Test
  void links_that_lead_in_a_circle_are_followed_once() throws IOException {
    write("sub/a.yaml", account("a"));
    Files.createSymbolicLink(folder.resolve("sub/again"), folder);

    assertThat(FolderSource.read(folder).files())
        .extracting(SourceFile::name)
        .containsExactly("sub/a.yaml");
  }

  @Test
  void a_folder_that_is_not_there_is_named() {
    Path nowhere = folder.resolve("nowhere");

    assertThatThrownBy(() -> FolderSource.read(nowhere))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("nowhere");
  }

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Path parent = file.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.writeString(file, text);
  }

  private static String account(String name) {
    return "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: " + name + "}\n";
  }

  @Test
  void a_folder_that_is_read_again_is_as_if_it_were_read_once_and_parses_what_changed()
      throws IOException {
    Files.writeString(folder.resolve("a.yaml"), namespace("a"));
    Files.writeString(folder.resolve("b.yaml"), namespace("b"));
    RepeatedFolder repeated = new RepeatedFolder();
    FolderContents first = repeated.read(folder);
    Files.writeString(folder.resolve("b.yaml"), namespace("c"));
    Files.writeString(folder.resolve("d.yaml"), namespace("b"));

    FolderContents second = repeated.read(folder);

    assertThat(second).isEqualTo(FolderSource.read(folder));
    assertThat(second.documents().resources().getFirst())
        .as("of a file that stayed, the same object")
        .isSameAs(first.documents().resources().getFirst());
    Files.delete(folder.resolve("a.yaml"));
    assertThat(repeated.read(folder)).isEqualTo(FolderSource.read(folder));
  }

  private static String namespace(String name) {
    return "{apiVersion: v1, kind: Namespace, metadata: {name: " + name + "}}\n";
  }
}
