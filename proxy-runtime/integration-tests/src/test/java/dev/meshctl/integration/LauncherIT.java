package dev.meshctl.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher scripts say to a machine that lacks something. */
class LauncherIT {
  private static final Path BIN = CommandLine.root().resolve("meshctl/bin");

  @TempDir Path scratch;

  private record Said(int exitCode, String text) {}

  @Test
  void without_a_jdk_it_says_where_it_looked_and_what_it_needs() throws Exception {
    Privileges.assumeTransparentCapture();
    // In a mount namespace of its own, so that only this process misses the machine's JDKs.
    Said said =
        run(
            Map.of("HOME", scratch.toString(), "PATH", pathWithoutJava()),
            "/usr/bin/unshare",
            "-m",
            "/bin/sh",
            "-c",
            "mount -t tmpfs none /usr/lib/jvm && exec " + BIN.resolve("meshctl") + " version");

    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.text())
        .contains("meshctl needs a JDK 25 or newer and found none")
        .contains("Looked at JAVA_HOME, PATH, /usr/lib/jvm")
        .contains("Install one");
  }

  @Test
  void an_old_jdk_is_named_with_its_version_and_not_taken() throws Exception {
    Path old = scratch.resolve("old");
    Files.createDirectories(old.resolve("bin"));
    Files.createFile(old.resolve("bin/javac"));
    assertThat(old.resolve("bin/javac").toFile().setExecutable(true)).isTrue();
    Files.writeString(old.resolve("release"), "JAVA_VERSION=\"17.0.15\"\n");

    Said said =
        run(
            Map.of(
                "JAVA_HOME", old.toString(), "HOME", scratch.toString(), "PATH", "/usr/bin:/bin"),
            "/bin/sh",
            "-c",
            ". " + BIN.resolve("find-jdk") + "; jdk_version " + old + "; find_jdk");

    assertThat(said.text().lines().findFirst()).hasValue("17");
    assertThat(said.text().lines().skip(1)).noneMatch(line -> line.equals(old.toString()));
  }

  @Test
  void a_place_that_cannot_be_written_to_is_named() throws Exception {
    Said said =
        run(
            Map.of(
                "JAVA_HOME",
                System.getProperty("java.home"),
                "HOME",
                scratch.toString(),
                "PATH",
                System.getenv("PATH")),
            "/bin/sh",
            BIN.resolve("build").toString(),
            CommandLine.root().toString(),
            "/proc/meshctl");

    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.text())
        .isEqualTo(
            "meshctl: cannot write to /proc/meshctl, where the build goes;"
                + " make the checkout writable or copy it\n");
  }

  /** Links to the programs the launcher calls before it has a JDK. */
  private String pathWithoutJava() throws IOException {
    Path bin = Files.createDirectory(scratch.resolve("bin"));
    for (String program : List.of("sh", "mount", "dirname", "readlink", "sed", "cat")) {
      for (String folder : List.of("/usr/bin", "/bin")) {
        if (Files.isExecutable(Path.of(folder, program)) && !Files.exists(bin.resolve(program))) {
          Files.createSymbolicLink(bin.resolve(program), Path.of(folder, program));
        }
      }
    }
    return bin.toString();
  }

  private Said run(Map<String, String> environment, String... command) throws Exception {
    Path out = scratch.resolve("out");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      throw new AssertionError("no end within a minute: " + String.join(" ", command));
    }
    return new Said(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8));
  }
}
