package dev.meshctl.app.patch;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What a supervisor tells the process that it starts, in its environment.
 *
 * @param supervisor the socket at which it listens
 * @param number of this process
 * @param successors where the next one will ask for our sockets
 * @param predecessor where the one before us waits; empty where there is none
 * @param runtime the folder we were started from
 * @param shipped the folder that came with the image or installation
 * @param state a folder that outlives us
 * @param trustedKeys PEM of the keys that sign bundles; where the file is missing none is trusted
 */
public record Generation(
    Path supervisor,
    long number,
    Path successors,
    Optional<Path> predecessor,
    Path runtime,
    Path shipped,
    Path state,
    Path trustedKeys) {
  public static final String SUPERVISOR = "MESHCTL_SUPERVISOR";
  public static final String NUMBER = "MESHCTL_GENERATION";
  public static final String SUCCESSORS = "MESHCTL_HANDOVER";
  public static final String PREDECESSOR = "MESHCTL_PREDECESSOR";
  public static final String RUNTIME = "MESHCTL_RUNTIME";
  public static final String SHIPPED = "MESHCTL_SHIPPED";
  public static final String STATE = "MESHCTL_STATE";
  public static final String TRUSTED_KEYS = "MESHCTL_TRUSTED_KEYS";
  private static final String DEFAULT_KEYS = "/var/run/secrets/meshctl/runtime-keys.pem";

  /** Empty where nobody supervises us: then there is no next one. */
  public static Optional<Generation> of(Map<String, String> environment) {
    String supervisor = environment.getOrDefault(SUPERVISOR, "");
    if (supervisor.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Generation(
            Path.of(supervisor),
            Long.parseLong(environment.getOrDefault(NUMBER, "0")),
            Path.of(needed(environment, SUCCESSORS)),
            Optional.ofNullable(environment.get(PREDECESSOR)).map(Path::of),
            Path.of(needed(environment, RUNTIME)),
            Path.of(needed(environment, SHIPPED)),
            Path.of(needed(environment, STATE)),
            Path.of(environment.getOrDefault(TRUSTED_KEYS, DEFAULT_KEYS))));
  }

  private static String needed(Map<String, String> environment, String name) {
    String value = environment.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          name + " is not set (expected: beside " + SUPERVISOR + ", by the supervisor)");
    }
    return value;
  }
}
