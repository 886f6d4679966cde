package dev.meshctl.app.node;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A program that is run to its end. Blocking. */
final class Program {
  private Program() {}

  /**
   * What it printed.
   *
   * @throws IOException where it cannot be started, or fails; the message has its last words
   */
  static String run(String input, String... command) throws IOException {
    Process process = new ProcessBuilder(command).start();
    try {
      CompletableFuture<String> said = read(process.getInputStream());
      CompletableFuture<String> complained = read(process.getErrorStream());
      try (var in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException gone) {
        // It ended without reading; its exit code says more.
      }
      int exit = process.waitFor();
      if (exit != 0) {
        throw new IOException(
            String.join(" ", command) + " ended with " + exit + ": " + complained.join().strip());
      }
      return said.join();
    } catch (InterruptedException interrupted) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw (IOException)
          new InterruptedIOException("while running " + List.of(command)).initCause(interrupted);
    }
  }

  private static CompletableFuture<String> read(java.io.InputStream from) {
    CompletableFuture<String> text = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            text.complete(new String(from.readAllBytes(), StandardCharsets.UTF_8));
          } catch (IOException broken) {
            text.completeExceptionally(broken);
          }
        });
    return text;
  }
}
