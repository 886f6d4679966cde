package dev.meshctl.model.topology.layout;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphView.Edge;
import dev.meshctl.model.query.GraphView.Node;
import dev.meshctl.model.query.GraphView.NodeKind;
import dev.meshctl.model.query.GraphView.Signals;
import dev.meshctl.model.testkit.BookshopScene;
import dev.meshctl.model.topology.layout.GraphLayout.Box;
import dev.meshctl.model.topology.layout.LayeredLayout.Size;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class LayeredLayoutTest {
  private static final LayeredLayout LAYOUT =
      new LayeredLayout(
          LayeredLayout.Flow.RIGHT, node -> new Size(120, 40), edge -> new Size(80, 20));

  @Test
  void callers_stand_left_of_those_they_call() {
    GraphView view = BookshopScene.busy();
    Map<String, Box> nodes = LAYOUT.of(view).nodes();
    for (Edge edge : view.edges()) {
      assertThat(requireNonNull(nodes.get(edge.source())).x())
          .as(edge.source() + " > " + edge.destination())
          .isLessThan(requireNonNull(nodes.get(edge.destination())).x());
    }
  }

  @Test
  void an_application_stands_in_its_box() {
    GraphLayout layout = LAYOUT.of(BookshopScene.busy());
    GraphLayout.AppBox reviews =
        layout.boxes().stream()
            .filter(box -> box.name().equals("bookshop/reviews"))
            .findFirst()
            .orElseThrow();
    for (String id : List.of("service:bookshop/reviews", "workload:bookshop/reviews-v1")) {
      Box node = requireNonNull(layout.nodes().get(id));
      assertThat(node.x()).isGreaterThan(reviews.box().x());
      assertThat(node.y() + node.height()).isLessThan(reviews.box().y() + reviews.box().height());
    }
  }

  @Property(seed = "42", tries = 60)
  void nothing_overlaps_and_all_is_inside(
      @ForAll @IntRange(min = 1, max = 30) int size, @ForAll long dice) {
    GraphView view = random(size, size * 2, dice);
    GraphLayout layout = LAYOUT.of(view);
    List<Box> boxes = new ArrayList<>(layout.nodes().values());
    assertThat(boxes).hasSize(view.nodes().size());
    for (int i = 0; i < boxes.size(); i++) {
      Box one = boxes.get(i);
      assertThat(one.x()).isGreaterThanOrEqualTo(0);
      assertThat(one.x() + one.width()).isLessThanOrEqualTo(layout.width() + 0.01);
      assertThat(one.y() + one.height()).isLessThanOrEqualTo(layout.height() + 0.01);
      for (int j = i + 1; j < boxes.size(); j++) {
        assertThat(overlap(one, boxes.get(j))).isFalse();
      }
    }
    assertThat(layout.edges()).hasSameSizeAs(view.edges());
  }

  @Property(seed = "42", tries = 20)
  void the_same_graph_is_laid_out_the_same_way(
      @ForAll @IntRange(min = 1, max = 25) int size, @ForAll long dice) {
    assertThat(LAYOUT.of(random(size, size * 2, dice)))
        .isEqualTo(LAYOUT.of(random(size, size * 2, dice)));
  }

  @Test
  void an_edge_to_nowhere_has_no_path() {
    GraphView view =
        new GraphView(0, 1000, List.of(node(0, "a")), List.of(edge("service:a/0", "service:a/9")));
    assertThat(LAYOUT.of(view).edges().getFirst().points()).isEmpty();
  }

  @Test
  void a_thousand_services_take_seconds_not_minutes() {
    GraphView view = tiered(1000, 5000, 42);
    GraphLayout layout =
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(120), () -> LAYOUT.of(view));
    assertThat(layout.nodes()).hasSize(1000);
  }

  private static boolean overlap(Box one, Box other) {
    return one.x() < other.x() + other.width()
        && other.x() < one.x() + one.width()
        && one.y() < other.y() + other.height()
        && other.y() < one.y() + one.height();
  }

  /** Some applications of several nodes, edges wherever, in circles too. */
  private static GraphView random(int nodes, int edges, long seed) {
    Random dice = new Random(seed);
    List<Node> all = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      all.add(node(i, "app" + i / 3));
    }
    List<Edge> links = new ArrayList<>();
    for (int i = 0; i < edges; i++) {
      links.add(edge(all.get(dice.nextInt(nodes)).id(), all.get(dice.nextInt(nodes)).id()));
    }
    return new GraphView(0, 1000, all, links);
  }

  /** As meshes are: eight tiers, calls go one or two tiers down. */
  private static GraphView tiered(int nodes, int edges, long seed) {
    Random dice = new Random(seed);
    int tier = nodes / 8;
    List<Node> all = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      all.add(node(i, "app" + i));
    }
    List<Edge> links = new ArrayList<>();
    for (int i = 0; i < edges; i++) {
      int from = dice.nextInt(nodes - 2 * tier);
      int to = (from / tier + 1 + dice.nextInt(8) / 7) * tier + dice.nextInt(tier);
      links.add(edge(all.get(from).id(), all.get(to).id()));
    }
    return new GraphView(0, 1000, all, links);
  }

  private static Node node(int number, String app) {
    return new Node(
        "service:a/" + number, NodeKind.SERVICE, "a", "" + number, app, "", 1, 1, Signals.NONE);
  }

  private static Edge edge(String from, String to) {
    return new Edge(from, to, "", "http", true, false, -1, -1, 0, 0, 0, 0, 0, 0, 0);
  }
}
