package dev.meshctl.cli.runtime;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.Durations;
import dev.meshctl.model.patch.Gate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * What must hold during a patch, as people write it:
 *
 * <pre>
 * success: 99.9       # percent of requests
 * p99: 250ms          # of latency
 * requests: 20        # below which nothing is concluded
 * window: 10s         # that is looked at
 * </pre>
 */
final class GateFile {
  private static final List<String> KEYS = List.of("success", "p99", "requests", "window");

  private GateFile() {}

  static Gate read(Path file) throws IOException {
    Map<?, ?> written;
    try {
      written = YAMLMapper.builder().build().readValue(Files.readString(file), Map.class);
    } catch (JacksonException unreadable) {
      throw refused(file, String.valueOf(unreadable.getOriginalMessage()));
    }
    for (Object key : written.keySet()) {
      if (!KEYS.contains(String.valueOf(key))) {
        throw refused(file, key + " (expected: one of " + String.join(", ", KEYS) + ")");
      }
    }
    try {
      Gate usual = Gate.DEFAULT;
      return new Gate(
          number(written, "success", usual.leastSuccess() * 100) / 100,
          duration(written, "p99", usual.mostP99()),
          (long) number(written, "requests", usual.leastRequests()),
          duration(written, "window", usual.window()));
    } catch (IllegalArgumentException contradictory) {
      throw refused(file, String.valueOf(contradictory.getMessage()));
    }
  }

  private static double number(Map<?, ?> written, String key, double otherwise) {
    Object value = written.get(key);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw new IllegalArgumentException(key + ": " + value + " (expected: a number)");
  }

  private static Duration duration(Map<?, ?> written, String key, Duration otherwise) {
    Object value = written.get(key);
    try {
      return value == null ? otherwise : new Durations().convert(value.toString());
    } catch (RuntimeException notOne) {
      throw new IllegalArgumentException(
          key + ": " + value + " (expected: such as 250ms or 10s)", notOne);
    }
  }

  private static CommandFailure refused(Path file, String problem) {
    return CommandFailure.refused(
        file + ": " + problem, List.of(), "success: 99.9, p99: 250ms, requests: 20, window: 10s");
  }
}
