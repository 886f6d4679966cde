package dev.meshctl.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.bundle.BundleFile;
import dev.meshctl.bundle.TrustedKey;
import dev.meshctl.bundle.VerifiedBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code meshctl runtime} from keys to a runtime that starts, with its start-up cache in use. */
class RuntimeBundleIT {
  private static final Duration BUILD = Duration.ofMinutes(8);
  private static final Duration SHORT = Duration.ofSeconds(60);

  @TempDir Path folder;

  @Test
  void a_bundle_that_was_built_verifies_and_its_cache_is_used_where_it_is_unpacked()
      throws IOException, InterruptedException {
    CommandLine meshctl = new CommandLine(folder);
    String key = folder.resolve("sign.pem").toString();
    Path file = folder.resolve("runtime.meshbundle");
    assertThat(meshctl.run(SHORT, "runtime", "keygen", "--out", key).exitCode()).isZero();

    CommandLine.Result built =
        meshctl.run(
            BUILD, "runtime", "build", "--key", key, "--version", "1.4.0", "--out", file + "");
    assertThat(built.exitCode()).as(built.err()).isZero();

    CommandLine.Result verified =
        meshctl.run(SHORT, "runtime", "verify", file.toString(), "--trust", key + ".pub");
    assertThat(verified.out())
        .contains("version   1.4.0")
        .contains("proxy, control-plane and node-agent");
    VerifiedBundle bundle =
        BundleFile.verify(file, List.of(TrustedKey.read(Path.of(key + ".pub"))));
    Path runtime = folder.resolve("elsewhere");
    bundle.unpack(runtime);

    List<String> loaded = loaded(start(runtime));
    assertThat(loaded).as("classes of ours").hasSizeGreaterThan(100);
    assertThat(loaded).allMatch(line -> line.contains("source: shared objects file"));

    // What it says where it may not use it, so that the above says something.
    assertThat(start(runtime, "-XX:+UseCompactObjectHeaders"))
        .contains("Unable to use AOT cache")
        .doesNotContain("no-such.json");
  }

  private static List<String> loaded(String log) {
    return log.lines().filter(line -> line.contains(" dev.meshctl.")).toList();
  }

  /** What the proxy's JVM says that must use its cache or end, with each class that it loads. */
  private static String start(Path runtime, String... flags)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:AOTMode=on");
    command.add("-Xlog:class+load:stdout");
    command.addAll(List.of(flags));
    command.add("@" + runtime.resolve("proxy.args"));
    command.addAll(List.of("--config", "no-such.json"));
    Path out = runtime.resolveSibling("start.log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    assertThat(process.waitFor(SHORT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return Files.readString(out);
  }
}
