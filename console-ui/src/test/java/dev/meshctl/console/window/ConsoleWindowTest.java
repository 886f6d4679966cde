package dev.meshctl.console.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.console.feed.MeshState;
import dev.meshctl.console.fx.Theme;
import dev.meshctl.console.topology.Selection;
import dev.meshctl.console.traffic.SplitState;
import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.testkit.BookshopScene;
import java.awt.image.BufferedImage;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import javafx.application.Platform;
import javafx.scene.Node;
import javafx.scene.Scene;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.Slider;
import javafx.scene.image.PixelReader;
import javafx.scene.image.WritableImage;
import javafx.scene.input.KeyCode;
import javafx.stage.Stage;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.ApplicationExtension;
import org.testfx.framework.junit5.Start;
import org.testfx.util.WaitForAsyncUtils;

/** The whole window on JavaFX's headless platform; pictures stay in {@code target/screenshots}. */
@ExtendWith(ApplicationExtension.class)
class ConsoleWindowTest {
  private final FakeFeed feed = new FakeFeed();
  private final FakeDesk desk = new FakeDesk();
  private final ExecutorService background = Executors.newVirtualThreadPerTaskExecutor();

  @SuppressWarnings("NullAway.Init")
  private ConsoleWindow window;

  @SuppressWarnings("NullAway.Init")
  private Scene scene;

  @Start
  void start(Stage stage) {
    Theme.LIGHT.dress();
    window = new ConsoleWindow("bookshop", feed, desk, Theme.LIGHT, Platform::runLater, background);
    scene = new Scene(window.root(), 1440, 860);
    stage.setScene(scene);
    stage.show();
  }

  @AfterEach
  void close() {
    WaitForAsyncUtils.waitForFxEvents();
    WaitForAsyncUtils.asyncFx(() -> {
      window.close();
      return true;
    });
    WaitForAsyncUtils.waitForFxEvents();
    background.shutdownNow();
  }

  @Test
  void it_waits_for_the_first_graph_and_says_so(FxRobot robot) throws Exception {
    assertThat(text(robot, "#status-connection")).isEqualTo("connecting…");
    picture("waiting");
  }

  @Test
  void a_graph_appears_with_its_figures(FxRobot robot) throws Exception {
    shows(BookshopScene.busy());
    assertThat(robot.lookup(".card").queryAll()).hasSizeGreaterThanOrEqualTo(10);
    assertThat(card(robot, "workload:bookshop/storefront").getAccessibleText())
        .isEqualTo("workload storefront, 124/s · 61 ms");
    assertThat(text(robot, "#status-more")).isEqualTo("generation 1 · 8 of 8 proxies in sync");
    picture("graph-light");
  }

  @Test
  void the_graph_reads_in_the_dark(FxRobot robot) throws Exception {
    shows(BookshopScene.busy());
    robot.interact(() -> window.graph().selection().set(reviews()));
    until(() -> !window.split().shares().isEmpty());
    robot.interact(() -> ((Button) robot.lookup("#lights").query()).fire());
    assertThat(((Button) robot.lookup("#lights").query()).getText()).isEqualTo("Light");
    robot.interact(() -> window.split().shares().getFirst().percent().set(50));
    until(() -> window.split().state().get() instanceof SplitState.Changed);
    picture("split-dark");
    robot.interact(() -> ((Button) robot.lookup("#lights").query()).fire());
  }

  @Test
  void moving_a_slider_shows_the_edit_and_applies_it_by_keys(FxRobot robot) throws Exception {
    shows(BookshopScene.busy());
    robot.interact(() -> card(robot, "service:bookshop/reviews").requestFocus());
    robot.press(KeyCode.ENTER).release(KeyCode.ENTER);
    until(() -> !window.split().shares().isEmpty());
    assertThat(text(robot, "#detail-title")).isEqualTo("reviews");
    robot.interact(() -> ((Slider) robot.lookup("#split-v3").query()).setValue(50));
    until(() -> window.split().state().get() instanceof SplitState.Changed);
    assertThat(((Slider) robot.lookup("#split-v1").query()).getValue()).isEqualTo(50);
    assertThat(window.split().diff().get())
        .contains("-          weight: 90", "+          weight: 50");
    assertThat(text(robot, "#command-line"))
        .isEqualTo("meshctl split set reviews.bookshop v1=50 v3=50 --mesh bookshop");
    assertThat(desk.written).isEmpty();
    picture("split-diff");
    feed.acknowledgedBy(5);
    robot.press(KeyCode.CONTROL, KeyCode.ENTER).release(KeyCode.ENTER, KeyCode.CONTROL);
    until(() -> desk.written.size() == 1);
    feed.is(FakeFeed.status(2, true, Map.of("traffic.yaml", sha256(desk.text())), List.of(), 8, 5));
    until(() -> window.split().state().get().equals(new SplitState.Applying(5, 8)));
    picture("split-progress");
    feed.acknowledgedBy(8);
    until(() -> window.split().state().get() instanceof SplitState.Applied);
    shows(BookshopScene.busy(50, 50));
    picture("split-applied");
    assertThat(text(robot, "#split-message")).startsWith("In force: all 8 proxies acknowledged");
  }

  @Test
  void undo_puts_the_old_text_back(FxRobot robot) {
    String before = desk.text();
    shows(BookshopScene.busy());
    robot.interact(() -> window.graph().selection().set(reviews()));
    until(() -> !window.split().shares().isEmpty());
    robot.interact(() -> window.split().shares().getFirst().percent().set(0));
    until(() -> window.split().state().get() instanceof SplitState.Changed);
    robot.interact(() -> window.split().apply());
    until(() -> window.split().undoable().get());
    feed.is(FakeFeed.status(2, true, Map.of("traffic.yaml", sha256(desk.text())), List.of(), 8, 8));
    until(() -> window.split().state().get() instanceof SplitState.Applied);
    robot.press(KeyCode.CONTROL, KeyCode.Z).release(KeyCode.Z, KeyCode.CONTROL);
    until(() -> desk.text().equals(before));
    until(() -> window.split().shares().getFirst().percent().get() == 90);
  }

  @Test
  void an_edge_shows_its_golden_signals(FxRobot robot) throws Exception {
    shows(BookshopScene.busy());
    robot.interact(() ->
        window
            .graph()
            .selection()
            .set(
                new Selection.OfEdge(
                    "service:bookshop/reviews", "workload:bookshop/reviews-v3", false)));
    assertThat(text(robot, "#detail-title")).isEqualTo("reviews → reviews-v3");
    picture("edge-selected");
  }

  @Test
  void a_broken_configuration_is_told_with_its_place(FxRobot robot) throws Exception {
    shows(BookshopScene.busy());
    feed.says(
        new MeshState.Connected(
            FakeFeed.status(
                3,
                false,
                Map.of(),
                List.of(FakeDesk.problem("weight: -1 (expected: >= 0)")),
                8,
                8)));
    until(() -> text(robot, "#status-connection").equals("last good configuration in force"));
    assertThat(text(robot, "#status-findings")).contains("traffic.yaml:18:19");
    picture("broken-configuration");
  }

  @Test
  void a_lost_control_plane_leaves_the_last_graph(FxRobot robot) throws Exception {
    shows(BookshopScene.busy());
    feed.says(new MeshState.Lost("https://127.77.0.1:15014: nothing listens there"));
    until(() -> text(robot, "#status-connection").equals("no answer, trying again"));
    assertThat(robot.lookup(".card").queryAll()).isNotEmpty();
    picture("lost");
  }

  @Test
  void a_burst_of_graphs_ends_with_the_newest(FxRobot robot) {
    for (int i = 0; i < 200; i++) {
      feed.says(BookshopScene.quiet());
    }
    shows(BookshopScene.busy());
    assertThat(window.graph().drawing().get().whole()).isEqualTo(BookshopScene.busy());
  }

  private static Selection reviews() {
    return new Selection.OfNode("service:bookshop/reviews");
  }

  private void shows(GraphView view) {
    feed.says(new MeshState.Connected(feed.status()));
    feed.says(view);
    until(() -> window.graph().drawing().get().whole().equals(view));
    WaitForAsyncUtils.waitForFxEvents();
  }

  private static Node card(FxRobot robot, String id) {
    return robot
        .lookup(node -> id.equals(node.getId()))
        .tryQuery()
        .orElseThrow(() -> new AssertionError("no card " + id));
  }

  private static String text(FxRobot robot, String query) {
    return robot.lookup(query).queryAs(Label.class).getText();
  }

  private static void until(BooleanSupplier condition) {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> WaitForAsyncUtils.asyncFx(condition::getAsBoolean).get());
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private void picture(String name) throws Exception {
    WaitForAsyncUtils.waitForFxEvents();
    WritableImage image = WaitForAsyncUtils.asyncFx(() -> scene.snapshot(null)).get();
    int width = (int) image.getWidth();
    int height = (int) image.getHeight();
    BufferedImage copy = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    PixelReader pixels = image.getPixelReader();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        copy.setRGB(x, y, pixels.getArgb(x, y));
      }
    }
    File file = new File("target/screenshots/" + name + ".png");
    file.getParentFile().mkdirs();
    assertThat(ImageIO.write(copy, "png", file)).isTrue();
  }
}
