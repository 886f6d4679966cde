package dev.meshctl.cli.explain;

import dev.meshctl.app.config.ProxyBootstrap;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.context.RunningMeshes;
import dev.meshctl.cli.context.RunningProxies;
import dev.meshctl.model.explain.hindsight.AccessLogLines;
import dev.meshctl.model.explain.hindsight.Entry;
import dev.meshctl.model.explain.hindsight.LookBack;
import dev.meshctl.model.query.RunningMesh;
import dev.meshctl.model.xds.ProxyNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * {@code --access-log}, {@code --id} and {@code --failed}: a request that has been, by what was
 * logged of it.
 */
final class PastOptions {
  private static final String STDIN = "-";

  @Option(
      names = "--access-log",
      paramLabel = "FILE|-|LINE",
      description = {
        "Requests that have been: a file of lines of access logs, - for standard input, or a line"
            + " itself; in the mesh's own format, Istio's or Envoy's, text or JSON, as it is or"
            + " behind a prefix (kubectl logs --prefix).",
        "Without it, the logs of the local mesh."
      })
  private @Nullable String log;

  @Option(
      names = "--id",
      paramLabel = "X-REQUEST-ID",
      description = "All that was logged of one request, from hop to hop; a beginning will do.")
  private @Nullable String id;

  @Option(
      names = "--failed",
      description = "Requests that failed: one of each kind, the most frequent first.")
  private boolean failed;

  /** Whether it is about a request that has been. */
  boolean given() {
    return log != null || id != null || failed;
  }

  boolean failed() {
    return failed;
  }

  /** Empty where all requests are meant. */
  Optional<String> id() {
    return Optional.ofNullable(id);
  }

  /**
   * What was read.
   *
   * @param lines that are of a format of access logs
   * @param others that are not
   * @param where for people
   */
  record Read(List<Entry> entries, long lines, long others, String where) {}

  /**
   * Reads what is meant.
   *
   * @param running the mesh whose logs to read; empty where only files are meant
   * @throws CommandFailure where there is nothing to read
   */
  Read read(
      AccessLogLines lines,
      LookBack lookBack,
      LookBack.Known known,
      Optional<RunningMesh> running,
      Session session)
      throws IOException {
    Reading reading = new Reading(lines, lookBack, known, id().orElse(""));
    if (log != null) {
      return reading.of(log);
    }
    if (running.isEmpty()) {
      throw CommandFailure.refused(
          "no mesh runs whose logs could be read",
          List.of(),
          "name a log: --access-log FILE, or - for standard input");
    }
    return reading.of(running.get(), session.meshes());
  }

  private static final class Reading {
    private final AccessLogLines format;
    private final LookBack lookBack;
    private final LookBack.Known known;
    private final String id;
    private final List<Entry> entries = new ArrayList<>();
    private long lines;
    private long others;

    Reading(AccessLogLines format, LookBack lookBack, LookBack.Known known, String id) {
      this.format = format;
      this.lookBack = lookBack;
      this.known = known;
      this.id = id;
    }

    Read of(String log) throws IOException {
      if (log.equals(STDIN)) {
        all(System.in, Optional.empty());
        return read("standard input");
      }
      if (log.startsWith("[") || log.startsWith("{") || log.contains("\"")) {
        line(log, Optional.empty());
        return read("the line");
      }
      try (InputStream in = Files.newInputStream(Path.of(log))) {
        all(in, Optional.empty());
      } catch (NoSuchFileException | InvalidPathException none) {
        throw CommandFailure.refused(
            "no file " + log + ", and it is no line of an access log",
            List.of(),
            "name a file, - for standard input, or put a whole line between quotes");
      }
      return read(log);
    }

    Read of(RunningMesh mesh, RunningMeshes meshes) throws IOException {
      for (ProxyBootstrap proxy : RunningProxies.of(meshes.folder(mesh.name()))) {
        ProxyNode node = proxy.node();
        boolean gateway = node.role() == ProxyNode.Role.GATEWAY;
        Entry.Logger writer =
            new Entry.Logger(
                node.namespace(), gateway ? node.workload() : node.instance(), gateway);
        try (InputStream in = Files.newInputStream(Path.of(proxy.accessLog()))) {
          all(in, Optional.of(writer));
        } catch (NoSuchFileException notYet) {
          // A proxy that has served nothing yet has no log.
        }
      }
      return read("the logs of mesh " + mesh.name());
    }

    private Read read(String where) {
      return new Read(entries, lines, others, where);
    }

    private void all(InputStream in, Optional<Entry.Logger> writer) throws IOException {
      BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        line(line, writer);
      }
    }

    private void line(String line, Optional<Entry.Logger> writer) {
      if (line.isBlank()) {
        return;
      }
      if (!id.isEmpty() && !line.contains(id)) {
        lines++;
        return;
      }
      format
          .read(line)
          .ifPresentOrElse(
              logged -> {
                lines++;
                if (logged.requestId().startsWith(id)) {
                  entries.add(lookBack.entry(logged, writer, known));
                }
              },
              () -> others++);
    }
  }
}
