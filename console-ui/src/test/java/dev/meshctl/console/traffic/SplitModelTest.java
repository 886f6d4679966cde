package dev.meshctl.console.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.console.window.FakeFeed;
import dev.meshctl.model.testkit.Judges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The view model over the real editor, on a copy of the bookshop's files; no toolkit. */
class SplitModelTest {
  @TempDir Path folder;
  private final FakeFeed feed = new FakeFeed();
  private final ArrayDeque<Runnable> background = new ArrayDeque<>();
  private SplitModel model;
  private String before = "";

  @BeforeEach
  void copyTheBookshop() throws IOException {
    try (Stream<Path> files = Files.list(Judges.root().resolve("samples/bookshop"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".yaml")).toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    before = text();
    model =
        new SplitModel("bookshop", new FolderDesk(folder), feed, Runnable::run, background::add);
    model.open("bookshop", "reviews");
    work();
  }

  @Test
  void it_opens_with_the_weights_of_the_file() {
    assertThat(model.shares().stream().map(share -> share.name() + share.percent().get()))
        .containsExactly("v190", "v310");
    assertThat(model.governs().get()).contains("VirtualService bookshop/reviews", "traffic.yaml");
    assertThat(model.state().get()).isEqualTo(new SplitState.Unchanged());
  }

  @Test
  void a_moved_slider_shows_the_diff_and_writes_nothing() throws IOException {
    move("v3", 25);
    assertThat(model.state().get()).isEqualTo(new SplitState.Changed());
    assertThat(model.diff().get()).contains("-          weight: 90", "+          weight: 75");
    assertThat(model.command().get())
        .isEqualTo("meshctl split set reviews.bookshop v1=75 v3=25 --mesh bookshop");
    assertThat(text()).isEqualTo(before);
  }

  @Test
  void a_slider_moved_back_leaves_nothing_to_apply() {
    move("v3", 25);
    move("v3", 10);
    assertThat(model.state().get()).isEqualTo(new SplitState.Unchanged());
    assertThat(model.diff().get()).isEmpty();
  }

  @Test
  void applying_changes_the_weights_and_keeps_the_comments() throws IOException {
    move("v3", 50);
    apply();
    assertThat(model.state().get()).isInstanceOf(SplitState.Applied.class);
    assertThat(text())
        .isEqualTo(before.replace("weight: 90", "weight: 50").replace("weight: 10", "weight: 50"))
        .contains("# red stars");
  }

  @Test
  void undo_restores_every_byte() throws IOException {
    move("v3", 50);
    apply();
    model.undo();
    feed.is(FakeFeed.status(3, true, sources(before), List.of(), 8, 8));
    work();
    assertThat(text()).isEqualTo(before);
    assertThat(model.shares().getFirst().percent().get()).isEqualTo(90);
    assertThat(model.undoable().get()).isFalse();
  }

  @Test
  void a_file_that_someone_else_changed_is_not_written_over() throws IOException {
    move("v3", 50);
    String theirs = before + "# theirs\n";
    Files.writeString(folder.resolve("traffic.yaml"), theirs);
    model.apply();
    work();
    assertThat(model.state().get()).isInstanceOf(SplitState.Refused.class);
    assertThat(text()).isEqualTo(theirs);
  }

  @Test
  void a_service_without_a_split_is_told_so() {
    model.open("bookshop", "stock");
    work();
    assertThat(model.state().get()).isInstanceOf(SplitState.Closed.class);
    assertThat(model.shares()).isEmpty();
  }

  @Test
  void an_answer_about_a_service_that_was_left_is_dropped() {
    model.open("bookshop", "stock");
    model.close("nothing");
    work();
    assertThat(model.state().get()).isEqualTo(new SplitState.Closed("nothing"));
  }

  private void move(String name, int percent) {
    model.shares().stream()
        .filter(share -> share.name().equals(name))
        .forEach(share -> share.percent().set(percent));
    work();
  }

  private void apply() {
    String wanted = before.replace("weight: 90", "weight: 50").replace("weight: 10", "weight: 50");
    feed.is(FakeFeed.status(2, true, sources(wanted), List.of(), 8, 8));
    model.apply();
    work();
  }

  private static Map<String, String> sources(String text) {
    return Map.of("traffic.yaml", Acknowledgements.sha256(text));
  }

  private String text() throws IOException {
    return Files.readString(folder.resolve("traffic.yaml"));
  }

  private void work() {
    while (!background.isEmpty()) {
      background.remove().run();
    }
  }
}
