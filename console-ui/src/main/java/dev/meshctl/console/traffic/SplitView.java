package dev.meshctl.console.traffic;

import atlantafx.base.theme.Styles;
import javafx.collections.ListChangeListener;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ProgressBar;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.Slider;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import javafx.scene.text.Text;
import javafx.scene.text.TextFlow;

/** The split editor's controls. Thread: JavaFX. */
public final class SplitView extends VBox {
  private final SplitModel model;
  private final VBox sliders = new VBox(10);
  private final TextFlow diff = new TextFlow();
  private final ScrollPane diffPane = new ScrollPane(diff);
  private final Label message = new Label();
  private final ProgressBar progress = new ProgressBar(0);
  private final Button apply = new Button("Apply");
  private final Button undo = new Button("Undo");
  private final HBox buttons = new HBox(8);

  public SplitView(SplitModel model) {
    super(10);
    this.model = model;
    getStyleClass().add("section");
    Label title = new Label("Traffic split");
    title.getStyleClass().add("section-title");
    Label governs = new Label();
    governs.getStyleClass().add("muted");
    governs.setWrapText(true);
    governs.textProperty().bind(model.governs());
    governs.managedProperty().bind(governs.textProperty().isNotEmpty());
    message.setWrapText(true);
    message.setId("split-message");
    progress.setMaxWidth(Double.MAX_VALUE);
    progress.getStyleClass().add(Styles.SMALL);
    diff.setId("split-diff");
    diff.getStyleClass().add("diff");
    diffPane.getStyleClass().add("diff-pane");
    diffPane.setMinHeight(120);
    diffPane.setMaxHeight(230);
    buttons();
    getChildren().addAll(title, governs, sliders, diffPane, progress, message, buttons);
    model.shares().addListener((ListChangeListener<SplitModel.Share>) change -> sliders());
    model.diff().addListener((observed, old, fresh) -> diff(fresh));
    model.state().addListener((observed, old, fresh) -> state(fresh));
    sliders();
    diff(model.diff().get());
    state(model.state().get());
  }

  private void buttons() {
    apply.setId("split-apply");
    apply.getStyleClass().add(Styles.ACCENT);
    apply.setDefaultButton(false);
    apply.setOnAction(event -> model.apply());
    undo.setId("split-undo");
    undo.setOnAction(event -> model.undo());
    undo.disableProperty().bind(model.undoable().not());
    Region gap = new Region();
    HBox.setHgrow(gap, Priority.ALWAYS);
    Label keys = new Label("Ctrl+Enter · Ctrl+Z");
    keys.getStyleClass().add("muted");
    buttons.setAlignment(Pos.CENTER_LEFT);
    buttons.getChildren().addAll(apply, undo, gap, keys);
  }

  private void sliders() {
    sliders.getChildren().clear();
    for (SplitModel.Share share : model.shares()) {
      sliders.getChildren().add(slider(share));
    }
  }

  private Node slider(SplitModel.Share share) {
    Label name = new Label(share.name());
    name.getStyleClass().add("badge");
    name.setMinWidth(Region.USE_PREF_SIZE);
    Slider slider = new Slider(0, Weights.WHOLE, share.percent().get());
    slider.setId("split-" + share.name());
    slider.setBlockIncrement(5);
    slider.setAccessibleText("share of " + share.name() + " in percent");
    slider.getStyleClass().add(Styles.SMALL);
    HBox.setHgrow(slider, Priority.ALWAYS);
    Label value = new Label();
    value.getStyleClass().add("share-value");
    value.setMinWidth(44);
    value.setAlignment(Pos.CENTER_RIGHT);
    value.textProperty().bind(share.percent().asString("%d%%"));
    slider
        .valueProperty()
        .addListener(
            (observed, old, fresh) -> share.percent().set((int) Math.round(fresh.doubleValue())));
    share
        .percent()
        .addListener((observed, old, fresh) -> {
          if (Math.round(slider.getValue()) != fresh.intValue()) {
            slider.setValue(fresh.doubleValue());
          }
        });
    HBox row = new HBox(10, name, slider, value);
    row.setAlignment(Pos.CENTER_LEFT);
    return row;
  }

  private void diff(String text) {
    diff.getChildren().clear();
    text.lines()
        .forEach(line -> {
          Text drawn = new Text(line + "\n");
          drawn.getStyleClass().addAll("diff-line", kind(line));
          diff.getChildren().add(drawn);
        });
    diffPane.setVisible(!text.isEmpty());
    diffPane.setManaged(!text.isEmpty());
  }

  private static String kind(String line) {
    if (line.startsWith("+++") || line.startsWith("---") || line.startsWith("@@")) {
      return "diff-head";
    }
    return line.startsWith("+") ? "diff-add" : line.startsWith("-") ? "diff-remove" : "diff-same";
  }

  private void state(SplitState state) {
    boolean open = !(state instanceof SplitState.Closed);
    buttons.setVisible(open);
    buttons.setManaged(open);
    apply.setDisable(!(state instanceof SplitState.Changed));
    boolean working = state instanceof SplitState.Applying;
    progress.setVisible(working);
    progress.setManaged(working);
    message.getStyleClass().setAll("label", tone(state));
    message.setText(words(state));
    message.setManaged(!message.getText().isEmpty());
    if (state instanceof SplitState.Applying(int acknowledged, int proxies)) {
      progress.setProgress(proxies == 0 ? -1 : (double) acknowledged / proxies);
    }
  }

  private static String words(SplitState state) {
    return switch (state) {
      case SplitState.Closed(String reason) -> reason;
      case SplitState.Unchanged unchanged -> "Move a slider to see the edit before it is made.";
      case SplitState.Changed changed -> "This is the whole edit; nothing is written yet.";
      case SplitState.Applying(int acknowledged, int proxies) ->
          proxies == 0
              ? "Written; the control plane is looking at it…"
              : acknowledged + " of " + proxies + " proxies have acknowledged…";
      case SplitState.Applied(int proxies, long millis) ->
          "In force: all " + proxies + " proxies acknowledged after " + millis + " ms.";
      case SplitState.Refused(var reasons) -> String.join("\n", reasons);
      case SplitState.Late(String what) -> what;
    };
  }

  private static String tone(SplitState state) {
    return switch (state) {
      case SplitState.Applied applied -> "good";
      case SplitState.Refused refused -> "bad";
      case SplitState.Late late -> "warning";
      case SplitState.Closed closed -> "muted";
      case SplitState.Unchanged unchanged -> "muted";
      case SplitState.Changed changed -> "muted";
      case SplitState.Applying applying -> "muted";
    };
  }
}
