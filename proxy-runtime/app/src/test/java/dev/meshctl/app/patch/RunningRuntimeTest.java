package dev.meshctl.app.patch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunningRuntimeTest {
  @TempDir private Path folder;

  private Generation generation(Path runtime) {
    return new Generation(
        folder.resolve("s"),
        1,
        folder.resolve("h"),
        Optional.empty(),
        runtime,
        folder.resolve("shipped"),
        folder,
        folder.resolve("keys"));
  }

  @Test
  void an_unpacked_bundle_is_known_by_its_manifest() throws IOException {
    Path runtime = Files.createDirectories(folder.resolve("next"));
    Files.writeString(
        runtime.resolve("manifest.json"), "{\"schema\":1,\"entries\":[{}],\"version\":\"1.2.0\"}");
    RunningRuntime running = RunningRuntime.of(generation(runtime), "development");
    assertThat(running.version()).isEqualTo("1.2.0");
    assertThat(running.digest()).matches("[0-9a-f]{64}");
  }

  @Test
  void what_was_shipped_has_a_version_and_no_address() throws IOException {
    Path shipped = Files.createDirectories(folder.resolve("shipped"));
    assertThat(RunningRuntime.of(generation(shipped), "development"))
        .isEqualTo(new RunningRuntime("development", ""));
    Files.writeString(shipped.resolve("manifest.json"), "{\"version\":\"1.1.0\"}");
    assertThat(RunningRuntime.of(generation(shipped), "development"))
        .isEqualTo(new RunningRuntime("1.1.0", ""));
    Files.writeString(shipped.resolve("manifest.json"), "{");
    assertThat(RunningRuntime.of(generation(shipped), "development").version())
        .isEqualTo("development");
  }

  @Test
  void what_was_followed_is_known_to_the_next_process() throws IOException {
    assertThat(FollowedOrder.read(folder)).isEqualTo(FollowedOrder.NONE);
    FollowedOrder followed = FollowedOrder.NONE.follow(7, 1234).ran("").ran("a".repeat(64));
    followed.write(folder);
    assertThat(FollowedOrder.read(folder))
        .isEqualTo(new FollowedOrder(7, 1234, List.of("a".repeat(64))));
  }

  @Test
  void the_way_back_is_what_ran_last_before_what_runs_now() throws IOException {
    FollowedOrder followed = FollowedOrder.NONE.ran("a").ran("b").ran("c").ran("a");
    followed.write(folder);

    assertThat(FollowedOrder.read(folder).ranBefore()).containsExactly("b", "c", "a");
    assertThat(followed.before("a")).contains("c");
    assertThat(followed.before("c")).contains("a");
    assertThat(FollowedOrder.NONE.ran("a").before("a")).isEmpty();
  }

  @Test
  void what_ran_long_ago_is_forgotten() {
    FollowedOrder followed = FollowedOrder.NONE;
    for (int version = 0; version < 100; version++) {
      followed = followed.ran("v" + version);
    }

    assertThat(followed.ranBefore()).hasSize(32).startsWith("v68").endsWith("v99");
  }
}
