package dev.meshctl.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphView.NodeKind;
import dev.meshctl.model.query.GraphView.Signals;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MeasurementTest {
  private static final GraphView GRAPH =
      new GraphView(
          0,
          1000,
          List.of(
              node("workload:storefront", NodeKind.WORKLOAD, "storefront", "v1"),
              node("service:reviews", NodeKind.SERVICE, "reviews", ""),
              node("workload:reviews-v1", NodeKind.WORKLOAD, "reviews-v1", "v1"),
              node("workload:reviews-v3", NodeKind.WORKLOAD, "reviews-v3", "v3"),
              node("service:stock", NodeKind.SERVICE, "stock", ""),
              node("workload:stock", NodeKind.WORKLOAD, "stock", "v1")),
          List.of(
              edge("workload:storefront", "service:reviews", 100),
              edge("service:reviews", "workload:reviews-v1", 88),
              edge("service:reviews", "workload:reviews-v3", 12),
              edge("workload:storefront", "service:stock", 5),
              edge("service:stock", "workload:stock", 5)));

  @Test
  void a_share_is_counted_where_the_service_meets_its_versions() {
    assertThat(Measurement.byVersion(GRAPH, "reviews")).isEqualTo(Map.of("v1", 88L, "v3", 12L));
  }

  @Test
  void a_phase_agrees_when_chance_explains_the_difference_and_only_then() {
    assertThat(Measurement.phase(Map.of("v1", 90, "v3", 10), Map.of("v1", 88L, "v3", 12L), 1))
        .matches(DemoReport.Phase::agreed);
    assertThat(Measurement.phase(Map.of("v1", 90, "v3", 10), Map.of("v1", 500L, "v3", 500L), 1))
        .matches(phase -> !phase.agreed());
    assertThat(Measurement.phase(Map.of("v1", 100, "v3", 0), Map.of("v1", 999L, "v3", 1L), 1))
        .matches(phase -> !phase.agreed());
    assertThat(Measurement.phase(Map.of("v1", 100, "v3", 0), Map.of(), 1))
        .as("nothing measured agrees with nothing")
        .matches(phase -> !phase.agreed());
  }

  @Test
  void a_service_with_one_workload_is_shown_once() {
    assertThat(Measurement.edges(GRAPH))
        .extracting(DemoReport.Edge::source, DemoReport.Edge::destination)
        .containsExactly(
            org.assertj.core.api.Assertions.tuple("reviews", "reviews-v1"),
            org.assertj.core.api.Assertions.tuple("reviews", "reviews-v3"),
            org.assertj.core.api.Assertions.tuple("storefront", "reviews"),
            org.assertj.core.api.Assertions.tuple("storefront", "stock"));
  }

  private static GraphView.Node node(String id, NodeKind kind, String name, String version) {
    return new GraphView.Node(id, kind, "shop", name, name, version, 1, 1, Signals.NONE);
  }

  private static GraphView.Edge edge(String source, String destination, long requests) {
    return new GraphView.Edge(
        source, destination, "", "http", true, true, -1, -1, requests, 0, 1, 1, 1, 1, 1);
  }
}
