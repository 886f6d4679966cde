package dev.meshctl.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How a program ended and what it printed.
 *
 * @param out standard output
 * @param err standard error
 */
public record Output(List<String> command, int exit, String out, String err) {
  public Output {
    command = List.copyOf(command);
  }

  /** Standard output without the white space around it; fails the test unless the exit was 0. */
  public String text() {
    assertThat(exit).as(() -> String.join(" ", command) + "\n" + out + err).isZero();
    return out.strip();
  }

  /**
   * Runs {@code builder} to its end.
   *
   * @param in its standard input
   * @throws AssertionError after {@code limit}, when it is killed
   */
  static Output of(ProcessBuilder builder, String in, Duration limit) {
    try {
      Path out = Files.createTempFile("out", ".txt");
      Path err = Files.createTempFile("err", ".txt");
      try {
        Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        try (var stdin = process.getOutputStream()) {
          stdin.write(in.getBytes(StandardCharsets.UTF_8));
        } catch (IOException gone) {
          // It ended without reading; its exit says why.
        }
        boolean ended = process.waitFor(limit);
        if (!ended) {
          process.destroyForcibly().waitFor();
        }
        Output output =
            new Output(
                builder.command(),
                process.exitValue(),
                Files.readString(out),
                Files.readString(err));
        if (!ended) {
          throw new AssertionError("not ended within " + limit + ": " + output);
        }
        return output;
      } finally {
        Files.delete(out);
        Files.delete(err);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
