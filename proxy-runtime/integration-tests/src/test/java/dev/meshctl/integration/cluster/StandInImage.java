package dev.meshctl.integration.cluster;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * An image that stands in for ours where a test is about installing: it does nothing but answer as
 * ready where our control plane does.
 */
final class StandInImage {
  static final String REPOSITORY = "localhost/stand-in";
  static final String TAG = "1";

  private StandInImage() {}

  /** Makes it in {@code folder} and makes it known to the nodes. */
  static void load(ClusterFixture cluster, Path folder) throws IOException {
    Path root = folder.resolve("stand-in");
    Path bin = Files.createDirectories(root.resolve("bin"));
    Files.copy(busybox(), bin.resolve("busybox"));
    Path java = Files.createDirectories(root.resolve("opt/meshctl/jdk/bin")).resolve("java");
    Files.writeString(
        java,
        """
        #!/bin/busybox sh
        # The first process of a container is not ended by a signal that it does not handle.
        trap 'exit 0' TERM
        /bin/busybox httpd -f -p 15014 -h /www &
        wait
        """);
    if (!java.toFile().setExecutable(true, false)) {
      throw new IOException(java + " cannot be made executable");
    }
    Path health = Files.createDirectories(root.resolve("www/healthz"));
    Files.writeString(health.resolve("ready"), "ready\n");
    Path archive = folder.resolve("stand-in.tar");
    Output.of(
            new ProcessBuilder(
                HeldCluster.script("kube-image"),
                REPOSITORY + ":" + TAG,
                root.toString(),
                "--out",
                archive.toString()),
            "",
            Duration.ofMinutes(1))
        .text();
    cluster.load(archive);
  }

  private static Path busybox() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(folder -> Path.of(folder, "busybox"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow();
  }
}
