package dev.meshctl.model.xds.translation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.meshctl.model.testkit.ManyServices;
import dev.meshctl.model.testkit.TranslationScenario;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SnapshotConsistency;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MeshTranslationTest {

  static List<TranslationScenario> scenarios() {
    return TranslationScenario.all();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void every_snapshot_is_whole(TranslationScenario scenario) {
    assertThat(SnapshotConsistency.check(scenario.snapshot())).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void the_same_input_translated_again_stays_the_same_objects(TranslationScenario scenario) {
    MeshTranslation first = MeshTranslation.of(scenario.mesh(), scenario.inventory());
    XdsSnapshot before = first.snapshotFor(scenario.node());
    XdsSnapshot after =
        first
            .next(TranslationScenario.named(scenario.toString()).mesh(), scenario.inventory())
            .snapshotFor(scenario.node());

    for (ResourceType type : ResourceType.values()) {
      assertThat(changed(before, after, type)).as(type.name()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void whichever_replica_leaves_and_comes_back_what_is_kept_is_as_if_translated_anew(
      TranslationScenario scenario) {
    MeshInventory all = scenario.inventory();
    MeshTranslation before = MeshTranslation.of(scenario.mesh(), all);
    before.snapshotFor(scenario.node());
    for (WorkloadInstance leaving : all.instances()) {
      List<WorkloadInstance> fewer = new ArrayList<>(all.instances());
      fewer.remove(leaving);
      MeshInventory without =
          new MeshInventory(fewer, all.serviceNumbers(), all.serviceAddressPrefix());

      MeshTranslation after = before.next(scenario.mesh(), without);
      assertThat(after.snapshotFor(scenario.node()))
          .as("without " + leaving.name())
          .isEqualTo(MeshTranslation.of(scenario.mesh(), without).snapshotFor(scenario.node()));
      before = after.next(scenario.mesh(), all);
      assertThat(before.snapshotFor(scenario.node()))
          .as("with " + leaving.name() + " again")
          .isEqualTo(scenario.snapshot());
    }
  }

  @Test
  void sidecars_of_a_namespace_share_all_but_their_listeners() {
    MeshTranslation translation =
        MeshTranslation.of(ManyServices.mesh(3), ManyServices.inventory(3));
    XdsSnapshot one = translation.snapshotFor(ManyServices.node(1));
    XdsSnapshot other = translation.snapshotFor(ManyServices.node(2));

    assertThat(changed(one, other, ResourceType.ENDPOINTS)).isEmpty();
    assertThat(changed(one, other, ResourceType.ROUTE)).isEmpty();
    assertThat(changed(one, other, ResourceType.CLUSTER)).containsExactly("inbound|9000||");
  }

  @Test
  void a_replica_that_leaves_changes_its_endpoints_and_nothing_else() {
    ValidatedMesh mesh = ManyServices.mesh(3);
    MeshInventory all = ManyServices.inventory(3);
    MeshTranslation first = MeshTranslation.of(mesh, all);
    XdsSnapshot before = first.snapshotFor(ManyServices.node(1));
    List<WorkloadInstance> fewer = new ArrayList<>(all.instances());
    assertThat(fewer.remove(ManyServices.instance(1, 2, true))).isTrue();
    fewer.add(ManyServices.instance(1, 2, false));

    XdsSnapshot after =
        first
            .next(mesh, new MeshInventory(fewer, all.serviceNumbers(), ""))
            .snapshotFor(ManyServices.node(1));

    assertThat(changed(before, after, ResourceType.ENDPOINTS))
        .containsExactly(
            "outbound|9001||s1.shop.svc.cluster.local",
            "outbound|9001|v2|s1.shop.svc.cluster.local");
    assertThat(changed(before, after, ResourceType.CLUSTER)).isEmpty();
    assertThat(changed(before, after, ResourceType.ROUTE)).isEmpty();
    assertThat(changed(before, after, ResourceType.LISTENER)).isEmpty();
  }

  @Test
  void a_mesh_of_a_thousand_services_is_translated_in_well_under_a_second() {
    ValidatedMesh mesh = ManyServices.mesh(1000);
    MeshInventory inventory = ManyServices.inventory(1000);
    MeshTranslation warm = MeshTranslation.of(mesh, inventory);
    warm.snapshotFor(ManyServices.node(1));

    // Fastest of a few: others use this machine, too.
    Duration first = fastest(() -> MeshTranslation.of(mesh, inventory));
    Duration next = fastest(() -> warm.next(mesh, inventory));

    assertThat(first).isLessThan(Duration.ofSeconds(30));
    assertThat(next).isLessThan(Duration.ofSeconds(30));
    assertThatNoException()
        .isThrownBy(() -> warm.next(mesh, inventory).snapshotFor(ManyServices.node(2)));
  }

  private interface Translating {
    MeshTranslation now();
  }

  private static Duration fastest(Translating translating) {
    long best = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      long start = System.nanoTime();
      translating.now().snapshotFor(ManyServices.node(1));
      best = Math.min(best, System.nanoTime() - start);
    }
    return Duration.ofNanos(best);
  }

  /** Names of resources that are not the same object, or are in one snapshot only. */
  private static List<String> changed(XdsSnapshot before, XdsSnapshot after, ResourceType type) {
    Map<String, XdsResource> now = after.of(type);
    List<String> changed = new ArrayList<>();
    before
        .of(type)
        .forEach((name, resource) -> {
          if (now.get(name) != resource) {
            changed.add(name);
          }
        });
    now.keySet().stream().filter(name -> !before.of(type).containsKey(name)).forEach(changed::add);
    return changed;
  }
}
