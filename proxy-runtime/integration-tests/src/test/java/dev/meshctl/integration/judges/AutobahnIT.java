package dev.meshctl.integration.judges;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.testkit.Judges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The core cases of Autobahn: its own echo server asked directly and through ours. */
class AutobahnIT {
  /** Cases 9 measure sizes, 12 and 13 the compression extension, which the two ends agree on. */
  private static final String SPEC =
      """
      {"outdir": "%s",
       "servers": [{"agent": "direct", "url": "ws://127.0.0.1:%d"},
                   {"agent": "meshctl", "url": "ws://127.0.0.1:%d"}%s],
       "cases": ["*"], "exclude-cases": ["9.*", "12.*", "13.*"], "exclude-agent-cases": {}}
      """;

  private static final String ENVOY = ", {\"agent\": \"envoy\", \"url\": \"ws://127.0.0.1:%d\"}";

  /** With {@code -Dmeshctl.compared=true} Envoy is judged too, which says nothing of ours. */
  private static final boolean COMPARED = Boolean.getBoolean("meshctl.compared");

  /** What the judge says of a case that is as it should be. */
  private static final Set<String> GOOD = Set.of("OK", "NON-STRICT", "INFORMATIONAL");

  @Test
  void every_core_case_that_passes_directly_passes_through_the_proxy(@TempDir Path folder)
      throws Exception {
    List<String> wstest = Judges.autobahn();
    int echo = ProxyProcess.freePort();
    List<String> server = command(wstest, "-m", "echoserver", "-w", "ws://127.0.0.1:" + echo);
    String bootstrap = Bootstraps.before(echo, Bootstraps.Http.HTTP1);
    Path report = folder.resolve("report");
    try (ProxyProcess direct = ProxyProcess.start(folder.resolve("echo.log"), echo, server);
        ProxyProcess ours = ProxyProcess.ours(folder, "autobahn", bootstrap);
        ProxyProcess envoy = COMPARED ? ProxyProcess.envoy(folder, "autobahn", bootstrap) : null) {
      Path spec = folder.resolve("spec.json");
      String third = envoy == null ? "" : ENVOY.formatted(envoy.port());
      Files.writeString(spec, SPEC.formatted(report, direct.port(), ours.port(), third));
      JudgeRun run =
          JudgeRun.of(
              "autobahn-run", command(wstest, "-m", "fuzzingclient", "-s", spec.toString()));
      assertThat(run.exit()).isZero();
    }
    Map<?, ?> results = results(report.resolve("index.json"));
    Set<String> direct = failing(results, "direct");
    Set<String> ours = failing(results, "meshctl");
    int cases = agent(results, "direct").size();
    Files.writeString(
        JudgeRun.kept("autobahn"),
        "%d cases; failing directly %s; through meshctl %s; through Envoy %s%n"
            .formatted(cases, direct, ours, COMPARED ? failing(results, "envoy") : "not asked"));

    assertThat(cases).isGreaterThanOrEqualTo(247);
    assertThat(agent(results, "meshctl")).hasSize(cases);
    assertThat(ours).isSubsetOf(direct);
  }

  private static List<String> command(List<String> tool, String... words) {
    List<String> command = new ArrayList<>(tool);
    command.addAll(List.of(words));
    return command;
  }

  private static Set<String> failing(Map<?, ?> results, String agent) {
    Set<String> names = new TreeSet<>();
    agent(results, agent)
        .forEach((name, outcome) -> {
          String behavior = String.valueOf(((Map<?, ?>) outcome).get("behavior"));
          if (!GOOD.contains(behavior)) {
            names.add(name + " " + behavior);
          }
        });
    return names;
  }

  private static Map<?, ?> agent(Map<?, ?> results, String agent) {
    if (!(results.get(agent) instanceof Map<?, ?> outcomes)) {
      throw new IllegalArgumentException("the judge reports nothing of " + agent);
    }
    return outcomes;
  }

  /** JSON is YAML. */
  private static Map<?, ?> results(Path file) throws IOException {
    return (Map<?, ?>)
        new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
  }
}
