package dev.meshctl.model.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphView.Edge;
import dev.meshctl.model.query.GraphView.Node;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.testkit.BookshopScene;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class MeshGraphPropertiesTest {
  private static final Duration WINDOW = Duration.ofSeconds(10);
  private static final MeshGraph GRAPH = BookshopScene.graph(70, 30);

  @Property(seed = "42", tries = 200)
  void no_request_is_lost_or_counted_twice(@ForAll("samples") List<EdgeSample> samples) {
    GraphView view = GRAPH.view(0, WINDOW, samples);
    long sent = samples.stream().mapToLong(EdgeSample::requests).sum();
    long failed = samples.stream().mapToLong(EdgeSample::errors).sum();
    List<Edge> calls =
        view.edges().stream().filter(edge -> !edge.source().startsWith("service:")).toList();
    assertThat(calls.stream().mapToLong(Edge::requests).sum()).isEqualTo(sent);
    assertThat(calls.stream().mapToLong(Edge::errors).sum()).isEqualTo(failed);
  }

  @Property(seed = "42", tries = 200)
  void every_edge_joins_two_nodes_that_are_there(@ForAll("samples") List<EdgeSample> samples) {
    GraphView view = GRAPH.view(0, WINDOW, samples);
    Set<String> ids = view.nodes().stream().map(Node::id).collect(Collectors.toSet());
    assertThat(ids).hasSize(view.nodes().size());
    assertThat(view.edges())
        .allSatisfy(edge -> assertThat(ids).contains(edge.source(), edge.destination()));
  }

  @Property(seed = "42", tries = 200)
  void measured_shares_of_a_service_add_up_to_a_hundred(
      @ForAll("samples") List<EdgeSample> samples) {
    GraphView view = GRAPH.view(0, WINDOW, samples);
    List<Edge> parts =
        view.edges().stream()
            .filter(edge -> edge.source().equals("service:bookshop/reviews"))
            .filter(edge -> edge.observedPercent() >= 0)
            .toList();
    if (parts.stream().anyMatch(Edge::observed)) {
      assertThat(parts.stream().mapToDouble(Edge::observedPercent).sum())
          .isCloseTo(100, within(1e-6));
    } else {
      assertThat(parts).isEmpty();
    }
  }

  @Property(seed = "42", tries = 100)
  void the_order_of_samples_does_not_matter(
      @ForAll("samples") List<EdgeSample> samples, @ForAll long shuffle) {
    List<EdgeSample> other = new ArrayList<>(samples);
    Collections.shuffle(other, new Random(shuffle));
    assertThat(GRAPH.view(0, WINDOW, other)).isEqualTo(GRAPH.view(0, WINDOW, samples));
  }

  @Property(seed = "42", tries = 100)
  void desired_shares_of_a_split_add_up_to_a_hundred(
      @ForAll @IntRange(max = 1000) int one, @ForAll @IntRange(min = 1, max = 1000) int three) {
    GraphView view = BookshopScene.graph(one, three).view(0, WINDOW, List.of());
    double sum =
        view.edges().stream()
            .filter(edge -> edge.source().equals("service:bookshop/reviews"))
            .mapToDouble(Edge::weightPercent)
            .filter(weight -> weight >= 0)
            .sum();
    assertThat(sum).isCloseTo(100, within(1e-6));
  }

  @Property(seed = "42", tries = 100)
  void quantiles_are_in_order_and_mtls_is_a_share(@ForAll("samples") List<EdgeSample> samples) {
    assertThat(GRAPH.view(0, WINDOW, samples).edges())
        .allSatisfy(edge -> {
          assertThat(edge.p50Ms()).isLessThanOrEqualTo(edge.p90Ms());
          assertThat(edge.p90Ms()).isLessThanOrEqualTo(edge.p99Ms());
          assertThat(edge.mtls()).isBetween(0.0, 1.0);
        });
  }

  @Provide
  Arbitrary<List<EdgeSample>> samples() {
    Arbitrary<String> source = Arbitraries.of("storefront", "catalog", "ingressgateway", "", "new");
    Arbitrary<String> service =
        Arbitraries.of("reviews", "reviews-v3", "recommendations", "stock", "nowhere");
    Arbitrary<String> destination = Arbitraries.of("reviews-v1", "reviews-v2", "reviews-v3", "");
    Arbitrary<Integer> requests = Arbitraries.integers().between(0, 40);
    return Combinators.combine(source, service, destination, requests)
        .as((from, host, to, count) -> MeshGraphTest.call(from, host, to, count, count / 7))
        .list()
        .ofMaxSize(30);
  }
}
