package dev.meshctl.model.xds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.testkit.TranslationScenario;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SnapshotConsistencyTest {
  private static final String REVIEWS = "outbound|9080|v1|reviews.shop.svc.cluster.local";

  private final XdsSnapshot whole = TranslationScenario.named("split-by-weight").snapshot();

  @Test
  void a_snapshot_whose_references_hold_is_whole() {
    assertThat(SnapshotConsistency.check(whole)).isEmpty();
  }

  @Test
  void a_route_to_a_cluster_that_is_not_there_is_named() {
    assertThat(SnapshotConsistency.check(without(ResourceType.CLUSTER, REVIEWS)))
        .contains(
            "route table 9080, host reviews.shop.svc.cluster.local:9080, route versions names"
                + " CLUSTER "
                + REVIEWS
                + ", which is not there");
  }

  @Test
  void a_cluster_without_its_endpoints_is_named() {
    assertThat(SnapshotConsistency.check(without(ResourceType.ENDPOINTS, REVIEWS)))
        .containsExactly(
            "cluster " + REVIEWS + " names ENDPOINTS " + REVIEWS + ", which is not there");
  }

  @Test
  void a_listener_without_its_routes_is_named() {
    assertThat(SnapshotConsistency.check(without(ResourceType.ROUTE, "9080")))
        .containsExactly("listener 127.64.17.1_9080 names ROUTE 9080, which is not there");
  }

  private XdsSnapshot without(ResourceType type, String name) {
    Map<ResourceType, Map<String, XdsResource>> resources = new LinkedHashMap<>(whole.resources());
    Map<String, XdsResource> fewer = new LinkedHashMap<>(whole.of(type));
    assertThat(fewer.remove(name)).isNotNull();
    resources.put(type, fewer);
    return new XdsSnapshot(resources);
  }
}
