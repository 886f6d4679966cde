package dev.meshctl.cli.local;

import dev.meshctl.model.query.QueryJson;
import dev.meshctl.model.validation.Diagnostic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JacksonException;

/**
 * A local mesh as its supervisor sees it: {@code status.json} in the run folder, replaced at each
 * change.
 *
 * @param supervisorStartedAtEpochMillis tells the supervisor from a later process of the same id
 * @param gatewayUrls one for each HTTP port
 * @param diagnostics of the newest configuration looked at; errors mean that the last good one is
 *     in force
 */
public record LocalStatus(
    String name,
    Phase phase,
    long supervisorPid,
    long supervisorStartedAtEpochMillis,
    String capture,
    String configFolder,
    String runFolder,
    String controlPlane,
    List<String> gatewayUrls,
    List<ProcessStatus> processes,
    List<Diagnostic> diagnostics) {
  /** Name of the file. */
  static final String FILE = "status.json";

  public LocalStatus {
    gatewayUrls = List.copyOf(gatewayUrls);
    processes = List.copyOf(processes);
    diagnostics = List.copyOf(diagnostics);
  }

  public enum Phase {
    STARTING,
    RUNNING,
    STOPPING
  }

  public enum Kind {
    CONTROL_PLANE,
    GATEWAY,
    SIDECAR,
    WORKLOAD,
    /** Holds a network namespace. */
    NAMESPACE
  }

  /**
   * @param state {@code STARTING}, {@code READY}, {@code DEAD} (will be started again), {@code
   *     STOPPED}
   * @param pid 0 while there is none
   * @param lastExit how it ended last, empty where it never did
   */
  public record ProcessStatus(
      String name,
      Kind kind,
      String state,
      long pid,
      int restarts,
      String lastExit,
      String address,
      String log) {}

  /** Reads what a supervisor wrote. */
  public static LocalStatus read(Path runFolder) throws IOException {
    Path file = runFolder.resolve(FILE);
    try {
      return QueryJson.mapper().readValue(Files.readString(file), LocalStatus.class);
    } catch (JacksonException malformed) {
      throw new IOException(file + ": " + malformed.getOriginalMessage(), malformed);
    }
  }
}
