package dev.meshctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cli.CommandLineFixture.Said;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DiffTest {
  private static final Path BOOKSHOP =
      Path.of(System.getProperty("meshctl.root"), "samples", "bookshop");

  @TempDir private Path state;
  @TempDir private Path fresh;
  private CommandLineFixture cli;

  @BeforeEach
  void open() throws IOException {
    cli = CommandLineFixture.in(state);
    try (Stream<Path> files = Files.list(BOOKSHOP)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".yaml")).toList()) {
        Files.copy(file, fresh.resolve(file.getFileName()));
      }
    }
  }

  private Said diff(String... more) {
    return cli.run(
        Stream.concat(
                Stream.of("diff", "--base", BOOKSHOP.toString(), "-f", fresh.toString()),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private void edit(String file, String from, String to) throws IOException {
    String text = Files.readString(fresh.resolve(file));
    assertThat(text).contains(from);
    Files.writeString(fresh.resolve(file), text.replace(from, to));
  }

  @Test
  void nothing_is_shown_where_nothing_changes() throws IOException {
    // Written otherwise, and meaning the same.
    edit("traffic.yaml", "weight: 90", "weight: 9");
    edit("traffic.yaml", "weight: 10\n", "weight: 1\n");
    Said said = diff("--semantic");
    assertThat(said.out()).isEmpty();
    assertThat(said.err()).isEqualTo("every request fares as before\n");
    assertThat(said.exitCode()).isZero();
  }

  @Test
  void requests_that_fare_otherwise_are_shown_with_a_command_that_says_why() throws IOException {
    edit("traffic.yaml", "weight: 90", "weight: 10");
    edit("traffic.yaml", "timeout: 10s", "timeout: 3s");
    Said said = diff("--semantic");
    assertThat(said.golden().replace(fresh.toString(), "NEW"))
        .isEqualTo(CommandLineFixture.golden("diff-semantic"));
    String command =
        said.out()
            .lines()
            .filter(line -> line.contains("meshctl explain request"))
            .findFirst()
            .orElseThrow()
            .strip();
    List<String> words = List.of(command.substring(command.indexOf("explain")).split(" "));
    Said explained = cli.run(words.toArray(String[]::new));
    assertThat(explained.out()).contains("may take 3000 ms in all");
  }

  @Test
  void json_has_each_class_with_its_example() throws IOException {
    edit("security.yaml", "mode: STRICT", "mode: PERMISSIVE");
    Said said = diff("--semantic", "-o", "json");
    assertThat(said.exitCode()).isEqualTo(1);
    JsonNode difference = JsonMapper.builder().build().readTree(said.out());
    JsonNode first = difference.path("classes").path(0);
    assertThat(first.path("where").asString()).isEqualTo("servers");
    assertThat(first.path("example").path("from").asString()).isEmpty();
    assertThat(first.path("changes").path(0).path("after").asString()).isEqualTo("let in");
    assertThat(difference.path("limits")).isEmpty();
  }

  @Test
  void without_semantic_the_resources_that_differ_are_shown_as_patches() throws IOException {
    edit("traffic.yaml", "weight: 90", "weight: 50");
    Files.move(fresh.resolve("security.yaml"), fresh.resolve("moved.yaml"));
    Said said = diff();
    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.out())
        .contains("--- a/VirtualService/bookshop/reviews")
        .contains("-          weight: 90\n+          weight: 50\n")
        .doesNotContain("PeerAuthentication");
    assertThat(said.err())
        .isEqualTo("1 resource differs; which requests notice: meshctl diff --semantic\n");
  }

  @Test
  void a_broken_folder_is_refused() throws IOException {
    edit("traffic.yaml", "subset: v1", "subset: v9");
    Said said = diff("--semantic");
    assertThat(said.exitCode()).isEqualTo(2);
    assertThat(said.err()).contains("MESH0103");
  }
}
