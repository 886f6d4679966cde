package dev.meshctl.injector.mutation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.source.tree.JsonPatch;
import dev.meshctl.model.testkit.AppliedPatch;
import dev.meshctl.model.testkit.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Folders of {@code in-NAME.yaml} with {@code out-NAME.yaml}, what {@code meshctl inject} prints,
 * and {@code out-NAME.txt}, what it says of each object. A first line {@code # settings {...}}
 * changes the injector's settings.
 */
class InjectionScenariosTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String SETTINGS = "# settings ";

  static Stream<Scenario> scenarios() {
    return Scenario.of("injection").stream();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void an_object_becomes_what_is_expected(Scenario scenario) throws IOException {
    for (Path file : scenario.files("in-")) {
      String text = Files.readString(file);
      InjectedText injected =
          InjectedText.of(file.getFileName().toString(), text, "shop", settings(text));

      String name = file.getFileName().toString().replaceAll("^in-|\\.yaml$", "");
      scenario.assertOutput(name + ".yaml", injected.text());
      scenario.assertOutput(name + ".txt", said(injected));
    }
    scenario.assertNothingIsUnused();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void injecting_twice_is_injecting_once(Scenario scenario) throws IOException {
    for (Path file : scenario.files("in-")) {
      String text = Files.readString(file);
      String once = InjectedText.of(file.toString(), text, "shop", settings(text)).text();

      assertThat(InjectedText.of("again", once, "shop", settings(text)).text()).isEqualTo(once);
    }
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void the_webhooks_patch_makes_of_an_object_what_the_command_prints(Scenario scenario)
      throws IOException {
    for (Path file : scenario.files("in-")) {
      String text = Files.readString(file);
      List<JsonNode> before = TestPods.documents(text);
      InjectedText printed = InjectedText.of("in", text, "shop", settings(text));

      for (int i = 0; i < before.size(); i++) {
        JsonNode patched =
            AppliedPatch.to(before.get(i), JsonPatch.between(before.get(i), after(printed, i)));
        assertThat(JSON.writeValueAsString(patched))
            .as("%s, document %s", file, i)
            .isEqualTo(JSON.writeValueAsString(after(printed, i)));
        assertThat(TestPods.documents(printed.text()).get(i)).isEqualTo(after(printed, i));
      }
    }
  }

  private static JsonNode after(InjectedText printed, int document) {
    return printed.documents().get(document);
  }

  private static String said(InjectedText injected) {
    StringBuilder said = new StringBuilder();
    injected.errors().forEach(error -> said.append(error).append('\n'));
    for (InjectedText.Outcome outcome : injected.outcomes()) {
      said.append(outcome.subject()).append(": ");
      switch (outcome.injection()) {
        case Injection.Injected(var object, var warnings) -> {
          said.append("injected\n");
          warnings.forEach(warning -> said.append("  ").append(warning).append('\n'));
        }
        case Injection.Skipped(var reason, var because) ->
            said.append("not injected (").append(reason).append("): ").append(because).append('\n');
        case Injection.Refused(var problems) -> {
          said.append("refused\n");
          problems.forEach(problem -> said.append("  ").append(problem).append('\n'));
        }
      }
    }
    return said.toString();
  }

  private static InjectionSettings settings(String text) {
    InjectionSettings usual = TestPods.SETTINGS;
    if (!text.startsWith(SETTINGS)) {
      return usual;
    }
    ObjectNode fields = JSON.valueToTree(usual);
    String line = text.lines().findFirst().orElseThrow().substring(SETTINGS.length());
    fields.setAll((ObjectNode) JSON.readTree(line));
    return JSON.treeToValue(fields, InjectionSettings.class);
  }
}
