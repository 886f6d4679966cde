package dev.meshctl.capture.pod;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Programs as child processes, found on {@code PATH}; no shell is between. Those of iptables may be
 * one file for each kind, which is told by its first word what to be: images have no links.
 */
public final class ChildPrograms implements Programs {
  private static final int PATIENCE_SECONDS = 30;
  private static final Pattern OF_IPTABLES =
      Pattern.compile("ip6?tables-(nft|legacy)-(?:save|restore)");
  private static final Path LOCKS = Path.of("/run");

  /** Where iptables keeps its lock if the root file system is read-only. */
  private static final String OTHER_LOCK = "/tmp/xtables.lock";

  @Override
  public Ran run(List<String> command, String input) throws IOException {
    Ran ran = runAsIs(command, input);
    Optional<List<String>> otherwise = inOneFile(command);
    return ran.status() == Ran.MISSING && otherwise.isPresent()
        ? runAsIs(otherwise.get(), input)
        : ran;
  }

  /** {@code xtables-nft-multi ip6tables-nft-save}, of a command of iptables. */
  static Optional<List<String>> inOneFile(List<String> command) {
    Matcher program = OF_IPTABLES.matcher(command.getFirst());
    if (!program.matches()) {
      return Optional.empty();
    }
    List<String> words = new ArrayList<>(List.of("xtables-" + program.group(1) + "-multi"));
    words.addAll(command);
    return Optional.of(words);
  }

  private static Ran runAsIs(List<String> command, String input) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    if (!Files.isWritable(LOCKS)) {
      builder.environment().put("XTABLES_LOCKFILE", OTHER_LOCK);
    }
    Process process;
    try {
      process = builder.start();
    } catch (IOException missing) {
      return new Ran(Ran.MISSING, "", String.valueOf(missing.getMessage()));
    }
    try {
      CompletableFuture<String> out = all(process.getInputStream());
      CompletableFuture<String> err = all(process.getErrorStream());
      try (OutputStream in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException ended) {
        // It says why on its standard error.
      }
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(
            command.getFirst() + " does not end (waited " + PATIENCE_SECONDS + " s)");
      }
      return new Ran(process.exitValue(), out.join(), err.join());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException(command.getFirst() + " was interrupted", interrupted);
    } finally {
      process.destroyForcibly();
    }
  }

  /** On a thread of the system's: who reads a pipe keeps a virtual thread's carrier meanwhile. */
  private static CompletableFuture<String> all(InputStream stream) {
    CompletableFuture<String> text = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            text.complete(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
          } catch (IOException cut) {
            text.completeExceptionally(new UncheckedIOException(cut));
          }
        });
    return text;
  }
}
