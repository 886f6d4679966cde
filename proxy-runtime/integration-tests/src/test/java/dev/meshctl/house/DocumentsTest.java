package dev.meshctl.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.testkit.Judges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Documents name real things. */
class DocumentsTest {
  private static final Path ROOT = Judges.root();
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(#[^)]*)?\\)");
  private static final Pattern CLASS_NAME =
      Pattern.compile("`([A-Z][A-Za-z0-9]+)(?:\\.[a-zA-Z]+)?`");

  @Test
  void every_relative_link_leads_to_a_file() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path document : documents()) {
      Matcher link = LINK.matcher(Files.readString(document));
      while (link.find()) {
        String target = link.group(1);
        if (!target.contains("://") && !Files.exists(document.resolveSibling(target))) {
          broken.add(ROOT.relativize(document) + " -> " + target);
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void every_class_that_the_life_stories_name_exists() throws IOException {
    List<String> sources;
    try (Stream<Path> files = Files.walk(ROOT)) {
      sources =
          files
              .filter(file -> file.toString().contains("/src/main/java/"))
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".java"))
              .toList();
    }
    List<String> unknown = new ArrayList<>();
    for (String story : List.of("life-of-a-config.md", "life-of-a-request.md")) {
      Matcher name =
          CLASS_NAME.matcher(Files.readString(ROOT.resolve("docs/guide").resolve(story)));
      int found = 0;
      while (name.find()) {
        found++;
        if (!sources.contains(name.group(1) + ".java")) {
          unknown.add(story + ": " + name.group(1));
        }
      }
      assertThat(found).as("classes named in " + story).isGreaterThan(5);
    }
    assertThat(unknown).isEmpty();
  }

  @Test
  void no_document_or_script_holds_a_path_of_one_machine() throws IOException {
    List<String> found = new ArrayList<>();
    for (Path document : documents()) {
      String text = Files.readString(document);
      if (text.contains("/work/") || text.contains("/root/")) {
        found.add(ROOT.relativize(document).toString());
      }
    }
    assertThat(found).isEmpty();
  }

  private static List<Path> documents() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT, 4)) {
      return files
          .filter(file -> file.toString().endsWith(".md"))
          .filter(file -> !file.toString().contains("/target/"))
          .filter(file -> !ROOT.relativize(file).startsWith(".cache"))
          .toList();
    }
  }
}
