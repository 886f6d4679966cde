package dev.meshctl.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A new root for a mesh that serves, with all its real processes and sockets. */
class TrustRotationIT {
  private static final Duration LIMIT = Duration.ofMinutes(4);

  @TempDir Path scratch;

  @Test
  void a_root_takes_the_place_of_another_without_a_lost_request() throws Exception {
    try (BookshopMesh mesh = BookshopMesh.up(scratch);
        Load load = Load.on(mesh, "/books/1")) {
      String before = onlyRoot(mesh);

      CommandLine.Result plan = mesh.cli().run(LIMIT, "trust", "rotate", "--dry-run");
      assertThat(plan.out()).as(plan.err()).contains("1. a new root is made");
      assertThat(onlyRoot(mesh)).as("nothing was done").isEqualTo(before);

      CommandLine.Result rotated = mesh.cli().run(LIMIT, "trust", "rotate");

      assertThat(rotated.exitCode()).as(rotated.out() + rotated.err()).isZero();
      String after = onlyRoot(mesh);
      assertThat(after).isNotEqualTo(before);
      assertThat(certificates(mesh))
          .allSatisfy(each -> assertThat(each.path("root").asString()).isEqualTo(after));
      assertThat(mesh.get("/books/1").statusCode()).isEqualTo(200);
      assertThat(load.done()).as("requests meanwhile").isGreaterThan(50);
      assertThat(load.failures()).isEmpty();
    }
  }

  private static JsonNode list(BookshopMesh mesh) {
    CommandLine.Result said = mesh.cli().run(LIMIT, "cert", "list", "-o", "json");
    assertThat(said.exitCode()).as(said.err()).isZero();
    return JsonMapper.builder().build().readTree(said.out());
  }

  private static Iterable<JsonNode> certificates(BookshopMesh mesh) {
    return list(mesh).path("certificates");
  }

  private static String onlyRoot(BookshopMesh mesh) {
    JsonNode roots = list(mesh).path("roots");
    assertThat(roots).hasSize(1);
    return roots.path(0).path("name").asString();
  }
}
