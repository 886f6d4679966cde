package dev.meshctl.controlplane.patch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.testkit.MeshText;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PodPlacesTest {
  @Test
  void a_pod_is_found_by_its_name_in_its_namespace_with_the_node_where_it_runs() {
    PodPlaces pods =
        PodPlaces.of(
            MeshText.valid(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: cart-1, namespace: shop}
                spec: {nodeName: n1, containers: [{name: cart, image: cart}]}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: cart-2, namespace: shop}
                spec: {containers: [{name: cart, image: cart}]}
                """));

    assertThat(pods.node("shop", "cart-1")).isEqualTo("n1");
    assertThat(pods.node("shop", "cart-2")).as("nobody has placed it").isEmpty();
    assertThat(pods.node("other", "cart-1")).isEmpty();
    assertThat(pods.names()).contains(Set.of("cart-1.shop", "cart-2.shop"));
  }

  @Test
  void who_is_told_of_no_pod_knows_of_none_that_it_is_gone() {
    assertThat(PodPlaces.UNKNOWN.names()).isEmpty();
    assertThat(PodPlaces.of(MeshText.valid("")).names()).isEmpty();
  }
}
