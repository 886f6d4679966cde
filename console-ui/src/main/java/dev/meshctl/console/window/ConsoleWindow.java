package dev.meshctl.console.window;

import atlantafx.base.theme.Styles;
import dev.meshctl.console.detail.DetailModel;
import dev.meshctl.console.detail.DetailView;
import dev.meshctl.console.feed.MeshFeed;
import dev.meshctl.console.feed.MeshState;
import dev.meshctl.console.fx.Latest;
import dev.meshctl.console.fx.Theme;
import dev.meshctl.console.topology.GraphModel;
import dev.meshctl.console.topology.GraphPane;
import dev.meshctl.console.topology.Selection;
import dev.meshctl.console.traffic.SplitDesk;
import dev.meshctl.console.traffic.SplitModel;
import dev.meshctl.console.traffic.SplitView;
import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphView.Node;
import dev.meshctl.model.query.GraphView.NodeKind;
import java.util.Optional;
import java.util.concurrent.Executor;
import javafx.beans.binding.Bindings;
import javafx.event.EventHandler;
import javafx.geometry.Pos;
import javafx.scene.Parent;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyCodeCombination;
import javafx.scene.input.KeyCombination;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

/**
 * The console: the graph, what is selected in it, its split, and how the mesh is. All can be done
 * by keys: Tab and Enter select, Ctrl+Enter applies, Ctrl+Z undoes, Ctrl+L turns the lights, Ctrl+0
 * shows all, Ctrl+Plus and Ctrl+Minus zoom, Escape lets go.
 *
 * <p>Thread: JavaFX. Owns the feed that it is given: close it.
 */
public final class ConsoleWindow implements AutoCloseable {
  private final BorderPane root = new BorderPane();
  private final GraphModel graph;
  private final SplitModel split;
  private final GraphPane graphPane;
  private final MeshFeed feed;
  private final Button lights = new Button();
  private Theme theme;

  public ConsoleWindow(
      String meshName,
      MeshFeed feed,
      SplitDesk desk,
      Theme theme,
      Executor fx,
      Executor background) {
    this.feed = feed;
    this.theme = theme;
    graph = new GraphModel(fx, background);
    split = new SplitModel(meshName, desk, feed, fx, background);
    StatusModel status = new StatusModel();
    DetailModel detail = new DetailModel(graph.drawing(), graph.selection());
    graphPane = new GraphPane(graph, theme);
    Region side = side(detail);
    var command =
        Bindings.createStringBinding(
            () ->
                split.command().get().isEmpty()
                    ? "meshctl graph --mesh " + meshName
                    : split.command().get(),
            split.command());
    root.getStyleClass().add("console");
    root.getStylesheets().add(Theme.sheet());
    root.setTop(header(meshName));
    root.setCenter(graphPane);
    root.setRight(side);
    root.setBottom(new StatusBar(status, meshName, command));
    graph.selection().addListener((observed, old, fresh) -> turnTo(fresh));
    // On the scene: where nothing has the focus, its root hears no keys.
    EventHandler<KeyEvent> keys = this::key;
    root.sceneProperty()
        .addListener((observed, old, fresh) -> {
          if (old != null) {
            old.removeEventFilter(KeyEvent.KEY_PRESSED, keys);
          }
          if (fresh != null) {
            fresh.addEventFilter(KeyEvent.KEY_PRESSED, keys);
          }
        });
    Latest<MeshState> states = new Latest<>(fx, status::show);
    feed.start(
        new MeshFeed.Listener() {
          @Override
          public void graph(GraphView view) {
            graph.offer(view);
          }

          @Override
          public void state(MeshState state) {
            states.offer(state);
          }
        });
  }

  public Parent root() {
    return root;
  }

  /** For those who test what the window shows. */
  public GraphModel graph() {
    return graph;
  }

  public SplitModel split() {
    return split;
  }

  private Region side(DetailModel detail) {
    VBox content = new VBox(new DetailView(detail), new SplitView(split));
    content.getStyleClass().add("side");
    ScrollPane side = new ScrollPane(content);
    side.setFitToWidth(true);
    side.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
    side.getStyleClass().add("side-pane");
    side.setPrefWidth(384);
    side.setMinWidth(384);
    return side;
  }

  private HBox header(String meshName) {
    Label product = new Label("meshctl");
    product.getStyleClass().add("product");
    Label mesh = new Label(meshName);
    mesh.getStyleClass().add("mesh-name");
    Region gap = new Region();
    HBox.setHgrow(gap, Priority.ALWAYS);
    Button fit = new Button("Fit");
    fit.setId("fit");
    fit.getStyleClass().add(Styles.SMALL);
    fit.setOnAction(event -> graphPane.fit());
    Button in = new Button("+");
    in.getStyleClass().add(Styles.SMALL);
    in.setAccessibleText("zoom in");
    in.setOnAction(event -> graphPane.zoomBy(1.2));
    Button out = new Button("–");
    out.getStyleClass().add(Styles.SMALL);
    out.setAccessibleText("zoom out");
    out.setOnAction(event -> graphPane.zoomBy(1 / 1.2));
    lights.setId("lights");
    lights.getStyleClass().add(Styles.SMALL);
    lights.setText(theme == Theme.LIGHT ? "Dark" : "Light");
    lights.setOnAction(event -> turnLights());
    HBox header = new HBox(10, product, mesh, gap, out, in, fit, lights);
    header.setAlignment(Pos.CENTER_LEFT);
    header.getStyleClass().add("header");
    return header;
  }

  private void turnLights() {
    theme = theme.other();
    theme.dress();
    graphPane.theme(theme);
    lights.setText(theme == Theme.LIGHT ? "Dark" : "Light");
  }

  /** The split editor follows the selection: a service, or the service of an edge or version. */
  private void turnTo(Selection selection) {
    Optional<Node> service =
        switch (selection) {
          case Selection.Nothing nothing -> Optional.empty();
          case Selection.OfNode(String id) -> service(id);
          case Selection.OfEdge(String source, String destination, boolean tcp) ->
              source.startsWith("service:")
                  ? service(source)
                  : service(graph.drawing().get().folded().serviceOf(destination));
        };
    service.ifPresentOrElse(
        node -> split.open(node.namespace(), node.name()),
        () -> split.close("Select a service to steer its traffic."));
  }

  private Optional<Node> service(String id) {
    GraphView view = graph.drawing().get().whole();
    Optional<Node> node = view.nodes().stream().filter(each -> each.id().equals(id)).findFirst();
    if (node.map(Node::kind).filter(kind -> kind == NodeKind.WORKLOAD).isEmpty()) {
      return node.filter(each -> each.kind() == NodeKind.SERVICE);
    }
    return view.edges().stream()
        .filter(edge -> edge.destination().equals(id) && edge.weightPercent() >= 0)
        .findFirst()
        .flatMap(edge -> service(edge.source()));
  }

  private void key(KeyEvent event) {
    if (pressed(event, KeyCode.ENTER)) {
      split.apply();
    } else if (pressed(event, KeyCode.Z)) {
      split.undo();
    } else if (pressed(event, KeyCode.L)) {
      turnLights();
    } else if (pressed(event, KeyCode.DIGIT0)) {
      graphPane.fit();
    } else if (pressed(event, KeyCode.PLUS) || pressed(event, KeyCode.EQUALS)) {
      graphPane.zoomBy(1.2);
    } else if (pressed(event, KeyCode.MINUS)) {
      graphPane.zoomBy(1 / 1.2);
    } else if (event.getCode() == KeyCode.ESCAPE) {
      graph.selection().set(new Selection.Nothing());
    } else {
      return;
    }
    event.consume();
  }

  private static boolean pressed(KeyEvent event, KeyCode code) {
    return new KeyCodeCombination(code, KeyCombination.SHORTCUT_DOWN).match(event);
  }

  @Override
  public void close() {
    feed.close();
    graphPane.close();
  }
}
