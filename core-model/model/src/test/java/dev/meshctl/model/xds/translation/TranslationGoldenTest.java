package dev.meshctl.model.xds.translation;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.testkit.RecordText;
import dev.meshctl.model.testkit.TranslationScenario;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Scenario folders; {@code -Dmeshctl.golden=write} writes what came out, to be read and kept. */
class TranslationGoldenTest {
  private static final Pattern EXPECTATION =
      Pattern.compile("out-(listeners|routes|clusters|endpoints|names|secrets)(?:-(.+))?\\.txt");
  private static final Map<String, ResourceType> TYPES =
      Map.of(
          "listeners", ResourceType.LISTENER,
          "routes", ResourceType.ROUTE,
          "clusters", ResourceType.CLUSTER,
          "endpoints", ResourceType.ENDPOINTS,
          "names", ResourceType.NAMES,
          "secrets", ResourceType.SECRET);

  static List<TranslationScenario> scenarios() {
    return TranslationScenario.all();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void a_scenario_comes_out_as_expected(TranslationScenario scenario) throws Exception {
    XdsSnapshot snapshot = scenario.snapshot();
    for (Path expectation : scenario.expectations()) {
      Matcher name = EXPECTATION.matcher(expectation.getFileName().toString());
      assertThat(name.matches()).as("%s is an expectation", expectation).isTrue();
      String text = RecordText.of(chosen(snapshot, name));
      if ("write".equals(System.getProperty("meshctl.golden"))) {
        Files.writeString(expectation, text);
      }
      assertThat(text).as("%s", expectation).isEqualTo(Files.readString(expectation));
    }
  }

  private static Collection<XdsResource> chosen(XdsSnapshot snapshot, Matcher name) {
    Map<String, XdsResource> all = snapshot.of(requireNonNull(TYPES.get(name.group(1))));
    if (name.group(2) == null) {
      return all.values();
    }
    assertThat(all).containsKey(name.group(2));
    return List.of(requireNonNull(all.get(name.group(2))));
  }
}
