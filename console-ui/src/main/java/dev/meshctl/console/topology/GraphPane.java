package dev.meshctl.console.topology;

import dev.meshctl.console.fx.Theme;
import dev.meshctl.model.query.GraphView.Edge;
import dev.meshctl.model.query.GraphView.Node;
import dev.meshctl.model.topology.layout.GraphLayout;
import dev.meshctl.model.topology.layout.GraphLayout.Box;
import dev.meshctl.model.topology.layout.GraphLayout.Path;
import dev.meshctl.model.topology.layout.GraphLayout.Point;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javafx.geometry.Point2D;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.input.KeyCode;
import javafx.scene.input.MouseButton;
import javafx.scene.input.MouseEvent;
import javafx.scene.input.ScrollEvent;
import javafx.scene.layout.Pane;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.shape.Polygon;
import javafx.scene.shape.Rectangle;
import javafx.scene.transform.Scale;
import javafx.scene.transform.Translate;

/**
 * The live graph: lines by GraphStream, and above them, moved by the same camera, cards and chips
 * that can be read, clicked and reached by Tab. Wheel zooms, drag pans.
 *
 * <p>Thread: JavaFX. Close it to end GraphStream's viewer.
 */
public final class GraphPane extends StackPane implements AutoCloseable {
  private static final double MARGIN = 36;
  private static final double SMALLEST = 0.15;
  private static final double LARGEST = 2.5;
  private static final int CARDS_UP_TO = 400;

  private final GraphModel model;
  private final GraphCanvas canvas;
  private final Pane boxes = new Pane();
  private final Pane cards = new Pane();
  private final Scale scale = new Scale();
  private final Translate shift = new Translate();
  private final Label empty = new Label("Waiting for the first graph…");
  private boolean follows = true;
  private double zoom = 1;
  private Point2D center = Point2D.ZERO;
  private Point2D grip = Point2D.ZERO;

  public GraphPane(GraphModel model, Theme theme) {
    this.model = model;
    this.canvas = new GraphCanvas(theme);
    getStyleClass().add("graph");
    setMinSize(200, 200);
    for (Pane layer : List.of(boxes, cards)) {
      layer.getTransforms().addAll(shift, scale);
      layer.setPickOnBounds(false);
      layer.setManaged(false);
    }
    empty.getStyleClass().add("hint");
    getChildren().addAll(canvas.view(), boxes, cards, empty);
    Rectangle clip = new Rectangle();
    clip.widthProperty().bind(widthProperty());
    clip.heightProperty().bind(heightProperty());
    setClip(clip);
    model.drawing().addListener((observed, old, fresh) -> show(fresh));
    model.selection().addListener((observed, old, fresh) -> show(model.drawing().get()));
    addEventHandler(ScrollEvent.SCROLL, this::wheel);
    addEventHandler(MouseEvent.MOUSE_PRESSED, this::press);
    addEventHandler(MouseEvent.MOUSE_DRAGGED, this::drag);
    show(model.drawing().get());
  }

  public void theme(Theme theme) {
    canvas.theme(theme);
    show(model.drawing().get());
  }

  /** Shows the whole graph, and keeps it whole until zoomed or moved. */
  public void fit() {
    follows = true;
    settle();
  }

  public void zoomBy(double factor) {
    follows = false;
    zoom = Math.clamp(zoom * factor, SMALLEST, LARGEST);
    settle();
  }

  private void show(Drawing drawing) {
    empty.setVisible(drawing.folded().view().nodes().isEmpty());
    canvas.show(drawing, selected(drawing));
    dressCards(drawing);
    settle();
  }

  /** Ids of what is selected, as they are drawn. */
  private Set<String> selected(Drawing drawing) {
    return switch (model.selection().get()) {
      case Selection.Nothing nothing -> Set.of();
      case Selection.OfNode node -> {
        String drawn =
            drawing.folded().services().entrySet().stream()
                .filter(entry -> entry.getValue().equals(node.id()))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(node.id());
        yield Set.of(drawn);
      }
      case Selection.OfEdge edge ->
          Set.of(edge.source() + ">" + edge.destination() + (edge.connections() ? ">tcp" : ""));
    };
  }

  private void dressCards(Drawing drawing) {
    String focused = focusedCard();
    boxes.getChildren().clear();
    cards.getChildren().clear();
    if (drawing.folded().view().nodes().size() > CARDS_UP_TO) {
      return;
    }
    for (GraphLayout.AppBox app : drawing.layout().boxes()) {
      boxes.getChildren().add(appBox(app));
    }
    List<Edge> edges = drawing.folded().view().edges();
    for (int i = 0; i < edges.size(); i++) {
      Path path = drawing.layout().edges().get(i);
      if (path.points().size() > 1) {
        edge(edges.get(i), path);
      }
    }
    for (Node node : drawing.folded().view().nodes()) {
      Box place = drawing.layout().nodes().get(node.id());
      if (place != null) {
        node(drawing, node, place);
      }
    }
    cards.getChildren().stream()
        .filter(card -> focused.equals(card.getId()))
        .findFirst()
        .ifPresent(javafx.scene.Node::requestFocus);
  }

  private String focusedCard() {
    return cards.getChildren().stream()
        .filter(javafx.scene.Node::isFocused)
        .map(card -> card.getId() == null ? "" : card.getId())
        .findFirst()
        .orElse("");
  }

  private Region appBox(GraphLayout.AppBox app) {
    Label name = new Label(app.name().substring(app.name().indexOf('/') + 1));
    name.getStyleClass().add("app-name");
    StackPane box = new StackPane(name);
    box.setAlignment(Pos.TOP_LEFT);
    box.getStyleClass().add("app-box");
    place(box, app.box());
    return box;
  }

  private void node(Drawing drawing, Node node, Box place) {
    Region card = Cards.node(node);
    card.setId(node.id());
    if (selected(drawing).contains(node.id())) {
      card.getStyleClass().add("card-selected");
    }
    place(card, place);
    String meant = drawing.folded().serviceOf(node.id());
    choose(card, new Selection.OfNode(meant));
    cards.getChildren().add(card);
  }

  private void edge(Edge edge, Path path) {
    cards.getChildren().add(tip(edge, path.points()));
    if (path.label().width() > 0) {
      Region chip = Cards.edge(edge);
      chip.setId(GraphCanvas.edgeId(edge));
      place(chip, path.label());
      choose(
          chip,
          new Selection.OfEdge(edge.source(), edge.destination(), edge.protocol().equals("tcp")));
      cards.getChildren().add(chip);
    }
  }

  private static Polygon tip(Edge edge, List<Point> points) {
    Point end = points.getLast();
    Point before = points.get(points.size() - 2);
    double length = Math.max(1e-6, Math.hypot(end.x() - before.x(), end.y() - before.y()));
    double alongX = (end.x() - before.x()) / length;
    double alongY = (end.y() - before.y()) / length;
    Polygon tip =
        new Polygon(
            end.x(),
            end.y(),
            end.x() - 10 * alongX - 4.5 * alongY,
            end.y() - 10 * alongY + 4.5 * alongX,
            end.x() - 10 * alongX + 4.5 * alongY,
            end.y() - 10 * alongY - 4.5 * alongX);
    String health = EdgeHealth.of(edge).name().toLowerCase(Locale.ROOT);
    tip.getStyleClass().add("tip-" + health);
    tip.setMouseTransparent(true);
    return tip;
  }

  private static void place(Region region, Box place) {
    region.setLayoutX(place.x());
    region.setLayoutY(place.y());
    region.setMinSize(place.width(), place.height());
    region.setPrefSize(place.width(), place.height());
    region.setMaxSize(place.width(), place.height());
    region.resize(place.width(), place.height());
  }

  private void choose(Region region, Selection selection) {
    region.setOnMouseClicked(click -> {
      if (click.getButton() == MouseButton.PRIMARY && click.isStillSincePress()) {
        region.requestFocus();
        model.selection().set(selection);
        click.consume();
      }
    });
    region.setOnKeyPressed(key -> {
      if (key.getCode() == KeyCode.ENTER || key.getCode() == KeyCode.SPACE) {
        model.selection().set(selection);
        key.consume();
      }
    });
  }

  private void settle() {
    GraphLayout layout = model.drawing().get().layout();
    if (layout.nodes().isEmpty() || getWidth() < 1 || getHeight() < 1) {
      return;
    }
    if (follows) {
      double across = (getWidth() - 2 * MARGIN) / Math.max(1, layout.width());
      double down = (getHeight() - 2 * MARGIN) / Math.max(1, layout.height());
      zoom = Math.clamp(Math.min(1.15, Math.min(across, down)), SMALLEST, LARGEST);
      center = new Point2D(layout.width() / 2, layout.height() / 2);
    }
    canvas.look(zoom, center.getX(), center.getY());
    GraphCanvas.Transform seen = canvas.transform();
    scale.setX(seen.scale());
    scale.setY(seen.scale());
    shift.setX(seen.shiftX());
    shift.setY(seen.shiftY());
  }

  private void wheel(ScrollEvent event) {
    zoomBy(event.getDeltaY() > 0 ? 1.12 : 1 / 1.12);
    event.consume();
  }

  private void press(MouseEvent event) {
    grip = new Point2D(event.getX(), event.getY());
    if (event.getTarget() == this || event.getTarget() == canvas.view()) {
      model.selection().set(new Selection.Nothing());
    }
  }

  private void drag(MouseEvent event) {
    follows = false;
    Point2D now = new Point2D(event.getX(), event.getY());
    center = center.subtract(now.subtract(grip).multiply(1 / zoom));
    grip = now;
    settle();
  }

  @Override
  protected void layoutChildren() {
    super.layoutChildren();
    settle();
  }

  @Override
  public void close() {
    canvas.close();
  }
}
