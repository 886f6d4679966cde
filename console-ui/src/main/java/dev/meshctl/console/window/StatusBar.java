package dev.meshctl.console.window;

import java.util.Locale;
import javafx.beans.value.ObservableValue;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.Tooltip;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.shape.Circle;

/** Connection, configuration, findings; and the CLI line for what is on the screen. */
final class StatusBar extends HBox {
  private final Circle light = new Circle(4.5);
  private final Label connection = new Label();
  private final Label more = new Label();
  private final Label findings = new Label();

  StatusBar(StatusModel model, String meshName, ObservableValue<String> command) {
    super(10);
    getStyleClass().add("status-bar");
    setAlignment(Pos.CENTER_LEFT);
    Label name = new Label(meshName);
    name.getStyleClass().add("value");
    connection.setId("status-connection");
    more.getStyleClass().add("muted");
    more.setId("status-more");
    findings.setId("status-findings");
    findings.getStyleClass().add("warning");
    findings.setMinWidth(0);
    Region gap = new Region();
    HBox.setHgrow(gap, Priority.ALWAYS);
    Label line = new Label();
    line.setId("command-line");
    line.getStyleClass().add("command");
    line.textProperty().bind(command);
    line.setMinWidth(0);
    Button copy = new Button("Copy");
    copy.getStyleClass().addAll("small", "flat");
    copy.setMinWidth(Region.USE_PREF_SIZE);
    copy.setAccessibleText("copy the command line");
    copy.setOnAction(event -> {
      ClipboardContent content = new ClipboardContent();
      content.putString(line.getText());
      Clipboard.getSystemClipboard().setContent(content);
    });
    getChildren().addAll(light, name, connection, more, findings, gap, line, copy);
    for (Label label : new Label[] {name, connection, more}) {
      label.setMinWidth(Region.USE_PREF_SIZE);
    }
    model.line().addListener((observed, old, fresh) -> show(fresh));
    show(model.line().get());
  }

  private void show(StatusModel.Line line) {
    light.getStyleClass().setAll("light-" + line.tone().name().toLowerCase(Locale.ROOT));
    connection.setText(line.connection());
    more.setText(line.more());
    int count = line.findings().size();
    findings.setText(
        count == 0 ? "" : count == 1 ? line.findings().getFirst() : count + " findings");
    findings.setTooltip(count == 0 ? null : new Tooltip(String.join("\n", line.findings())));
  }
}
