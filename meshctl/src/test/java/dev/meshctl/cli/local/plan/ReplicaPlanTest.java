package dev.meshctl.cli.local.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.cli.local.plan.ReplicaPlan.Running;
import dev.meshctl.model.resource.Deployment;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.PodTemplate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReplicaPlanTest {
  private static final PodTemplate OLD = template("v1");
  private static final PodTemplate NEW = template("v2");

  @Test
  void replicas_get_names_in_order_and_numbers_of_their_own() {
    ReplicaPlan plan =
        ReplicaPlan.between(
            List.of(), List.of(), List.of(deployment("a", 2, OLD), deployment("b", 1, OLD)));

    assertThat(plan.starts())
        .extracting(s -> s.replica().name(), s -> s.replica().number())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("a-0", 1),
            org.assertj.core.groups.Tuple.tuple("a-1", 2),
            org.assertj.core.groups.Tuple.tuple("b-0", 3));
    assertThat(plan.stops()).isEmpty();
  }

  @Test
  void nothing_is_done_where_all_is_as_asked() {
    assertThat(
            ReplicaPlan.between(
                    List.of(running("a", 0, 1, OLD)), List.of(), List.of(deployment("a", 1, OLD)))
                .isEmpty())
        .isTrue();
  }

  @Test
  void scaling_down_ends_the_highest_ordinals() {
    ReplicaPlan plan =
        ReplicaPlan.between(
            List.of(running("a", 0, 1, OLD), running("a", 1, 2, OLD), running("a", 2, 3, OLD)),
            List.of(),
            List.of(deployment("a", 1, OLD)));

    assertThat(plan.starts()).isEmpty();
    assertThat(plan.stops()).extracting(s -> s.replica().name()).containsExactly("a-2", "a-1");
  }

  @Test
  void a_changed_template_is_rolled_out_before_the_old_one_goes() {
    ReplicaPlan plan =
        ReplicaPlan.between(
            List.of(running("a", 0, 1, OLD)), List.of(), List.of(deployment("a", 1, NEW)));

    assertThat(plan.starts()).extracting(s -> s.replica().name()).containsExactly("a-1");
    assertThat(plan.starts().getFirst().replica().number()).isEqualTo(2);
    assertThat(plan.stops()).hasSize(1);
    assertThat(plan.stops().getFirst().replica().name()).isEqualTo("a-0");
    assertThat(plan.stops().getFirst().afterReady()).containsExactly("a-1");
  }

  @Test
  void a_deployment_that_is_gone_takes_its_replicas_with_it() {
    ReplicaPlan plan =
        ReplicaPlan.between(
            List.of(running("a", 0, 1, OLD), running("b", 0, 2, OLD)),
            List.of(),
            List.of(deployment("b", 1, OLD)));

    assertThat(plan.stops()).extracting(s -> s.replica().name()).containsExactly("a-0");
  }

  @Test
  void one_that_is_leaving_keeps_its_name_and_number_until_it_is_gone() {
    ReplicaPlan plan =
        ReplicaPlan.between(
            List.of(), List.of(running("a", 0, 1, OLD)), List.of(deployment("a", 1, OLD)));

    assertThat(plan.starts().getFirst().replica().name()).isEqualTo("a-1");
    assertThat(plan.starts().getFirst().replica().number()).isEqualTo(2);
  }

  @Test
  void more_replicas_than_there_are_addresses_for_are_refused() {
    assertThatThrownBy(
            () -> ReplicaPlan.between(List.of(), List.of(), List.of(deployment("a", 240, OLD))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 239")
        .hasMessageContaining("Deployment shop/a");
  }

  private static Deployment deployment(String name, int replicas, PodTemplate template) {
    return new Deployment(
        new Metadata("shop", name, Map.of(), Map.of()), replicas, Map.of(), template);
  }

  private static Running running(String name, int ordinal, int number, PodTemplate template) {
    return new Running("shop", name, ordinal, number, template);
  }

  private static PodTemplate template(String version) {
    return new PodTemplate(Map.of("version", version), Map.of(), "", List.of());
  }
}
