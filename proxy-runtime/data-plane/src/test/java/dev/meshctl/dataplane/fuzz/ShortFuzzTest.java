package dev.meshctl.dataplane.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A few seconds of each fuzzer, guided by coverage; {@code proxy-runtime/fuzz/run} takes longer.
 */
// As long as its properties ask for.
@Timeout(value = 1, unit = TimeUnit.DAYS)
class ShortFuzzTest {
  private static final long SECONDS = Long.getLong("meshctl.fuzz.seconds", 4);
  private static final String ONLY = System.getProperty("meshctl.fuzz.only", "");
  private static final String KEPT = System.getProperty("meshctl.fuzz.folder", "");

  @ParameterizedTest
  @EnumSource(Fuzzer.class)
  void nothing_is_found_in_a_few_seconds(Fuzzer fuzzer, @TempDir Path temporary) throws Exception {
    assumeTrue(ONLY.isEmpty() || fuzzer.folder().equals(ONLY), "another one is asked for");
    Path folder = KEPT.isEmpty() ? temporary : Path.of(KEPT);
    Path fresh = Files.createDirectories(folder.resolve("corpus"));
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")),
                    "-Xmx384m",
                    "-XX:+EnableDynamicAgentLoading",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "com.code_intelligence.jazzer.Jazzer",
                    "--target_class=" + fuzzer.className(),
                    "--instrumentation_includes=dev.meshctl.**:io.netty.handler.codec.http2.**",
                    // Netty uses Unsafe with care, and nothing here is after other sins.
                    "--custom_hook_excludes=io.netty.**:com.google.**:org.**",
                    "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.UnsafeSanitizer",
                    "-max_total_time=" + SECONDS,
                    "-max_len=4096",
                    "-timeout=10",
                    "-rss_limit_mb=1500",
                    "-artifact_prefix=" + folder + "/",
                    fresh.toString(),
                    fuzzer.corpus().toString()))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(process.waitFor(SECONDS + 90, TimeUnit.SECONDS)).as("it ends").isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(() -> read(log)).isZero();
    assertThat(read(log)).contains("Done ");
  }

  private static String read(Path log) {
    try {
      return Files.readString(log, StandardCharsets.ISO_8859_1)
          .lines()
          .filter(line -> !line.startsWith("INFO: "))
          .collect(Collectors.joining("\n"));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
