package dev.meshctl.integration.judges;

import dev.meshctl.model.testkit.Judges;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** {@code testssl.sh}: protocols, suites, forward secrecy, server defaults and vulnerabilities. */
final class Testssl {
  private static final Set<String> HARMLESS = Set.of("OK", "INFO", "LOW", "DEBUG");

  private Testssl() {}

  /**
   * One finding.
   *
   * @param severity OK, INFO, LOW, MEDIUM, HIGH, CRITICAL, WARN or FATAL
   */
  record Finding(String id, String severity, String text) {
    /** Nothing worth a look. */
    boolean harmless() {
      return HARMLESS.contains(severity);
    }

    @Override
    public String toString() {
      return severity + " " + id + ": " + text;
    }
  }

  /**
   * Judges the listener on {@code port} of the loopback, in about a minute.
   *
   * @param name of what is kept
   */
  static List<Finding> scan(String name, int port) throws Exception {
    Path testssl = Judges.onPath("testssl", "testssl.sh (Debian's package of that name)");
    Path json = JudgeRun.kept(name + "-findings");
    Files.deleteIfExists(json);
    JudgeRun.of(
        name,
        List.of(
            testssl.toString(),
            "--quiet",
            "--color=0",
            "--warnings=off",
            "--nodns=none",
            "--connect-timeout=5",
            "--openssl-timeout=5",
            "--jsonfile=" + json,
            "-p",
            "-s",
            "-f",
            "-S",
            "-U",
            "127.0.0.1:" + port));
    // JSON is YAML.
    Object all = new Load(LoadSettings.builder().build()).loadFromString(Files.readString(json));
    return ((List<?>) all).stream().map(each -> finding((Map<?, ?>) each)).toList();
  }

  private static Finding finding(Map<?, ?> each) {
    return new Finding(
        String.valueOf(each.get("id")),
        String.valueOf(each.get("severity")),
        String.valueOf(each.get("finding")));
  }
}
