package dev.meshctl.console.app;

import dev.meshctl.console.feed.LiveFeed;
import dev.meshctl.console.fx.Theme;
import dev.meshctl.console.traffic.FolderDesk;
import dev.meshctl.console.window.ConsoleWindow;
import dev.meshctl.model.query.RunningMesh;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javafx.application.Application;
import javafx.application.ColorScheme;
import javafx.application.Platform;
import javafx.scene.Scene;
import javafx.stage.Stage;
import org.jspecify.annotations.Nullable;

/** Wires feed, folder and window; light or dark as the desktop is. Thread: JavaFX. */
public final class ConsoleApplication extends Application {
  private static final double WIDTH = 1440;
  private static final double HEIGHT = 860;

  private final ExecutorService background = Executors.newVirtualThreadPerTaskExecutor();
  private @Nullable ConsoleWindow window;

  @Override
  public void start(Stage stage) throws Exception {
    RunningMesh mesh = ConsoleMain.read(getParameters().getRaw());
    Theme theme =
        Platform.getPreferences().getColorScheme() == ColorScheme.DARK ? Theme.DARK : Theme.LIGHT;
    theme.dress();
    ConsoleWindow fresh =
        new ConsoleWindow(
            mesh.name(),
            new LiveFeed(mesh.endpoint()),
            new FolderDesk(Path.of(mesh.configFolder())),
            theme,
            Platform::runLater,
            background);
    window = fresh;
    stage.setTitle(mesh.name() + " – meshctl console");
    stage.setScene(new Scene(fresh.root(), WIDTH, HEIGHT));
    stage.setMinWidth(900);
    stage.setMinHeight(560);
    stage.show();
  }

  @Override
  public void stop() {
    ConsoleWindow open = window;
    if (open != null) {
      open.close();
    }
    background.shutdownNow();
  }
}
