package dev.meshctl.cli.local.process;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A process to start.
 *
 * @param name for people, unique in a mesh
 * @param environment the whole of it; nothing is inherited
 * @param log that standard output and error are appended to
 */
public record ProcessSpec(
    String name,
    List<String> command,
    Map<String, String> environment,
    Path directory,
    Path log,
    Input input,
    Place place) {
  public ProcessSpec {
    command = List.copyOf(command);
    environment = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(environment));
  }

  /** What its standard input is. */
  public enum Input {
    /** Empty. */
    NOTHING,
    /** A pipe that ends when the launcher does. */
    LIFELINE
  }

  /** Where it runs. */
  public sealed interface Place {
    /** Beside the launcher. */
    record Here() implements Place {}

    /** In new anonymous network and mount namespaces. */
    record Apart() implements Place {}

    /**
     * In the network and mount namespaces of process {@code holder}.
     *
     * @param group to run as, 0 to keep the launcher's
     */
    record Inside(long holder, int group) implements Place {}
  }
}
