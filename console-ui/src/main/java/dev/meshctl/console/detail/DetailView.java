package dev.meshctl.console.detail;

import dev.meshctl.console.detail.DetailModel.Detail;
import dev.meshctl.console.detail.DetailModel.Fact;
import dev.meshctl.console.detail.DetailModel.Row;
import dev.meshctl.model.query.GraphView.Signals;
import dev.meshctl.model.topology.render.Figures;
import javafx.geometry.HPos;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.layout.ColumnConstraints;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;

/** The golden signals as tiles, and a table below. Thread: JavaFX. */
public final class DetailView extends VBox {
  private final Label title = new Label();
  private final Label kind = new Label();
  private final HBox tiles = new HBox(8);
  private final GridPane facts = new GridPane();
  private final GridPane rows = new GridPane();

  public DetailView(DetailModel model) {
    super(10);
    getStyleClass().add("section");
    title.getStyleClass().add("detail-title");
    title.setId("detail-title");
    title.setWrapText(true);
    kind.getStyleClass().add("muted");
    for (GridPane table : new GridPane[] {facts, rows}) {
      table.setHgap(12);
      table.setVgap(5);
      ColumnConstraints first = new ColumnConstraints();
      first.setHgrow(Priority.ALWAYS);
      table.getColumnConstraints().add(first);
    }
    getChildren().addAll(new VBox(2, title, kind), tiles, facts, rows);
    model.detail().addListener((observed, old, fresh) -> show(fresh));
    show(model.detail().get());
  }

  private void show(Detail detail) {
    title.setText(detail.title());
    kind.setText(detail.kind());
    Signals signals = detail.signals();
    boolean none = signals.requests() == 0;
    double failed = none ? 0 : 100.0 * signals.errors() / signals.requests();
    tiles
        .getChildren()
        .setAll(
            tile("Traffic", none ? "–" : Figures.rate(signals.requestsPerSecond()), "plain"),
            tile("Errors", none ? "–" : Figures.percent(failed), failed > 0 ? "bad" : "plain"),
            tile("p50", none ? "–" : Figures.latency(signals.p50Ms()), "plain"),
            tile("p90", none ? "–" : Figures.latency(signals.p90Ms()), "plain"),
            tile("p99", none ? "–" : Figures.latency(signals.p99Ms()), "plain"));
    facts.getChildren().clear();
    int line = 0;
    for (Fact fact : detail.facts()) {
      facts.add(styled(fact.name(), "muted"), 0, line);
      Label value = styled(fact.value(), "value");
      GridPane.setHalignment(value, HPos.RIGHT);
      facts.add(value, 1, line++);
    }
    table(detail);
  }

  private void table(Detail detail) {
    rows.getChildren().clear();
    int line = 0;
    for (Row row : detail.rows()) {
      rows.add(styled(row.name(), "value"), 0, line);
      String[] cells = {row.rate(), row.errors(), row.slow()};
      for (int i = 0; i < cells.length; i++) {
        Label cell = styled(cells[i], i == 1 && row.failing() ? "bad" : "muted");
        GridPane.setHalignment(cell, HPos.RIGHT);
        rows.add(cell, i + 1, line);
      }
      line++;
    }
  }

  private static Node tile(String name, String value, String tone) {
    Label figure = styled(value, "tile-value");
    if (tone.equals("bad")) {
      figure.getStyleClass().add("bad");
    }
    VBox tile = new VBox(2, styled(name, "tile-name"), figure);
    tile.getStyleClass().add("tile");
    tile.setAlignment(Pos.CENTER_LEFT);
    HBox.setHgrow(tile, Priority.ALWAYS);
    tile.setMaxWidth(Double.MAX_VALUE);
    return tile;
  }

  private static Label styled(String text, String style) {
    Label label = new Label(text);
    label.getStyleClass().add(style);
    return label;
  }
}
