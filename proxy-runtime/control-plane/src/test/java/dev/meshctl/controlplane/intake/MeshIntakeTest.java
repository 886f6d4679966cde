package dev.meshctl.controlplane.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.model.resource.Service;
import dev.meshctl.model.validation.Diagnostic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder as users and editors change it, read by the model's own reader. */
class MeshIntakeTest {
  /** An idle machine takes half a second; a busy one is allowed more. */
  private static final Duration SOON = Duration.ofSeconds(5);

  @TempDir Path folder;
  private Path config;
  private Path inventory;
  private final List<MeshConfiguration> accepted = new CopyOnWriteArrayList<>();
  private MeshIntake intake;

  @BeforeEach
  void start() throws Exception {
    config = Files.createDirectories(folder.resolve("config"));
    inventory = folder.resolve("inventory.json");
    Files.writeString(config.resolve("a.yaml"), service("a", 80));
    intake =
        MeshIntake.start(
            config,
            inventory,
            new YamlConfigReader("cluster.local", "istio-system", InstantSource.system()),
            new Intake.Debounce(Duration.ofMillis(30), Duration.ofMillis(300)),
            configuration -> {
              if (services(configuration).contains("unservable")) {
                throw new IllegalStateException("a bug");
              }
              accepted.add(configuration);
            });
  }

  @AfterEach
  void stop() {
    intake.close();
  }

  private static String service(String name, int port) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: %s, namespace: default}
    spec:
      selector: {app: %s}
      ports: [{name: http, port: %d}]
    """
        .formatted(name, name, port);
  }

  private static List<String> services(MeshConfiguration configuration) {
    return configuration.mesh().all(Service.class).stream().map(s -> s.id().name()).toList();
  }

  @Test
  void the_first_look_is_over_before_anything_else_starts() {
    assertThat(accepted).hasSize(1);
    assertThat(services(accepted.getFirst())).containsExactly("a");
    assertThat(intake.status().generation()).isEqualTo(1);
    assertThat(intake.status().accepted()).isTrue();
    assertThat(intake.status().sources().get("a.yaml")).hasSize(64);
  }

  @Test
  void a_new_file_takes_effect_by_itself() throws Exception {
    Files.writeString(config.resolve("b.yaml"), service("b", 80));

    await().atMost(SOON).until(() -> accepted.size() == 2);

    assertThat(services(accepted.getLast())).containsExactly("a", "b");
    assertThat(accepted.getLast().generation()).isEqualTo(2);
  }

  @Test
  void a_file_in_a_new_subfolder_takes_effect_by_itself() throws Exception {
    Files.createDirectories(config.resolve("more"));
    Files.writeString(config.resolve("more").resolve("b.yaml"), service("b", 80));

    await().atMost(SOON).until(() -> services(accepted.getLast()).equals(List.of("a", "b")));
  }

  @Test
  void a_file_replaced_at_once_takes_effect_even_at_the_same_size() throws Exception {
    Path fresh = folder.resolve("fresh");
    Files.writeString(fresh, service("z", 80));
    Files.move(fresh, config.resolve("a.yaml"), StandardCopyOption.ATOMIC_MOVE);

    await().atMost(SOON).until(() -> services(accepted.getLast()).equals(List.of("z")));
  }

  @Test
  void a_broken_file_leaves_the_last_good_mesh_in_force_and_is_reported_where_it_is_broken()
      throws Exception {
    Files.writeString(config.resolve("b.yaml"), "kind: Service\nmetadata: [\n");

    await().atMost(SOON).until(() -> !intake.status().accepted());

    assertThat(accepted).hasSize(1);
    IntakeStatus status = intake.status();
    assertThat(status.generation()).isEqualTo(1);
    assertThat(status.sources()).containsOnlyKeys("a.yaml", "b.yaml");
    assertThat(status.diagnostics())
        .anySatisfy(d -> {
          assertThat(d.severity()).isEqualTo(Diagnostic.Severity.ERROR);
          assertThat(d.position().source()).isEqualTo("b.yaml");
          assertThat(d.position().line()).isPositive();
          assertThat(d.position().column()).isPositive();
        });

    Files.writeString(config.resolve("b.yaml"), service("b", 80));
    await().atMost(SOON).until(() -> intake.status().accepted());
    assertThat(services(accepted.getLast())).containsExactly("a", "b");
    assertThat(intake.status().diagnostics())
        .noneMatch(d -> d.severity() == Diagnostic.Severity.ERROR);
  }

  @Test
  void a_comment_changes_the_digest_but_not_the_generation() throws Exception {
    String before = Objects.requireNonNull(intake.status().sources().get("a.yaml"));
    Files.writeString(config.resolve("a.yaml"), service("a", 80) + "# a word\n");

    await().atMost(SOON).until(() -> !before.equals(intake.status().sources().get("a.yaml")));

    assertThat(intake.status().accepted()).isTrue();
  }

  @Test
  void the_inventory_goes_on_while_the_folder_is_broken_and_the_reverse() throws Exception {
    Files.writeString(config.resolve("b.yaml"), "}{");
    await().atMost(SOON).until(() -> !intake.status().accepted());

    Files.writeString(
        inventory,
        "{\"instances\":[],\"serviceNumbers\":{\"default/a\":1},\"serviceAddressPrefix\":\"10.96.0.\"}");
    await().atMost(SOON).until(() -> accepted.size() == 2);
    assertThat(accepted.getLast().inventory().serviceNumbers()).containsEntry("default/a", 1);

    Files.delete(config.resolve("b.yaml"));
    await().atMost(SOON).until(() -> intake.status().accepted());
    Files.writeString(inventory, "{ not json");
    await().atMost(SOON).until(() -> !intake.status().accepted());
    assertThat(intake.status().diagnostics())
        .anySatisfy(d -> assertThat(d.toString()).contains(inventory.toString()));
    Files.writeString(config.resolve("c.yaml"), service("c", 80));
    await().atMost(SOON).until(() -> services(accepted.getLast()).contains("c"));
    assertThat(accepted.getLast().inventory().serviceNumbers()).containsEntry("default/a", 1);
  }

  @Test
  void a_folder_that_vanishes_takes_nothing_with_it() throws Exception {
    Files.delete(config.resolve("a.yaml"));
    Files.delete(config);

    await().atMost(SOON).until(() -> !intake.status().accepted());
    assertThat(accepted).hasSize(1);
  }

  @Test
  void a_mesh_that_cannot_be_served_is_reported_and_the_last_good_one_stays() throws Exception {
    Files.writeString(config.resolve("b.yaml"), service("unservable", 80));
    await().atMost(SOON).until(() -> !intake.status().accepted());

    assertThat(intake.status().generation()).isEqualTo(1);
    assertThat(intake.status().diagnostics())
        .anySatisfy(d -> assertThat(d.code()).isEqualTo("MESH0903"));
    Files.delete(config.resolve("b.yaml"));
    await().atMost(SOON).until(() -> intake.status().accepted());
    assertThat(intake.status().generation()).isEqualTo(2);
  }
}
