package dev.meshctl.model.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphView.Edge;
import dev.meshctl.model.testkit.BookshopScene;
import org.junit.jupiter.api.Test;

class FoldedGraphTest {
  private final GraphView whole = BookshopScene.busy();
  private final FoldedGraph folded = FoldedGraph.of(whole);

  @Test
  void a_service_with_one_workload_of_its_own_becomes_one_node() {
    assertThat(folded.serviceOf("workload:bookshop/storefront"))
        .isEqualTo("service:bookshop/storefront");
    GraphView.Node storefront = MeshGraphTest.node(folded.view(), "workload:bookshop/storefront");
    assertThat(storefront.received())
        .isEqualTo(MeshGraphTest.node(whole, "service:bookshop/storefront").received());
    assertThat(
            MeshGraphTest.edge(
                    folded.view(), "gateway:bookshop/bookshop", "workload:bookshop/storefront")
                .requests())
        .isEqualTo(1240);
  }

  @Test
  void splits_and_shared_workloads_stay_as_they_are() {
    assertThat(folded.services().values())
        .doesNotContain("service:bookshop/reviews", "service:bookshop/reviews-v3");
    assertThat(folded.view().edges().stream().filter(edge -> edge.weightPercent() >= 0)).hasSize(4);
  }

  @Test
  void no_call_is_lost() {
    assertThat(calls(folded.view())).isEqualTo(calls(whole));
  }

  private static long calls(GraphView view) {
    return view.edges().stream()
        .filter(edge -> !edge.source().startsWith("service:"))
        .mapToLong(Edge::requests)
        .sum();
  }
}
