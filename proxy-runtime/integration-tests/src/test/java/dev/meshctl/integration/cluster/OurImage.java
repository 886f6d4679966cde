package dev.meshctl.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.integration.CommandLine;
import dev.meshctl.integration.CommandLine.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Our own image, made once for a test run: by {@code meshctl runtime image}, or taken from the
 * archive that {@code MESHCTL_TEST_IMAGE} names.
 */
public final class OurImage {
  public static final String REPOSITORY = "localhost/meshctl";
  public static final String TAG = "it";
  private static final Duration BUILD = Duration.ofMinutes(8);

  private static boolean made;

  private OurImage() {}

  /** Makes it known to the nodes. */
  public static void load(ClusterFixture cluster) throws IOException {
    cluster.load(archive());
  }

  /** The same of the sample services' image, by the name that their pods ask for. */
  static void loadBookshop(ClusterFixture cluster) throws IOException {
    Path folder =
        Files.createDirectories(
            CommandLine.root().resolve("proxy-runtime/integration-tests/target/image"));
    Path archive = folder.resolve("bookshop.tar");
    Result said = new CommandLine(folder).run(BUILD, "demo", "image", "--tar", archive.toString());
    assertThat(said.exitCode()).as(said.err()).isZero();
    cluster.load(archive);
  }

  /** What an installation is told, to take it. */
  static List<String> values() {
    return List.of("--set", "image.repository=" + REPOSITORY, "--set", "image.tag=" + TAG);
  }

  private static synchronized Path archive() throws IOException {
    String given = System.getenv("MESHCTL_TEST_IMAGE");
    if (given != null && !given.isBlank()) {
      return Path.of(given);
    }
    Path folder =
        Files.createDirectories(
            CommandLine.root().resolve("proxy-runtime/integration-tests/target/image"));
    Path archive = folder.resolve("meshctl.tar");
    if (!made) {
      compile("supervisor", "proxy-runtime/supervisor/build");
      compile("meshctl-cni", "proxy-runtime/capture/cni/build");
      Result said =
          new CommandLine(folder)
              .run(
                  BUILD,
                  "runtime",
                  "image",
                  "--tar",
                  archive.toString(),
                  "--name",
                  REPOSITORY + ":" + TAG);
      assertThat(said.exitCode()).as(said.err()).isZero();
      made = true;
    }
    return archive;
  }

  /** As {@code meshctl/bin/build} does for who runs meshctl from a checkout. */
  private static void compile(String program, String script) throws IOException {
    Path folder = Files.createDirectories(CommandLine.root().resolve("meshctl/target/meshctl/bin"));
    Output.of(
            new ProcessBuilder(
                CommandLine.root().resolve(script).toString(), folder.resolve(program).toString()),
            "",
            BUILD)
        .text();
  }
}
