package dev.meshctl.cluster.install;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cluster.install.InstallValues.Checked;
import dev.meshctl.cluster.install.InstallValues.Problem;
import dev.meshctl.cluster.install.InstallValues.Said;
import dev.meshctl.model.testkit.Judges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What may be said about an installation. */
class InstallValuesTest {
  @Test
  void nothing_said_is_all_by_default_and_the_version_is_our_own() {
    Checked checked = InstallValues.of("7.8.9", List.of());

    assertThat(checked.problems()).isEmpty();
    assertThat(checked.values().at("image.tag").asString()).isEqualTo("7.8.9");
    assertThat(checked.values().revisionName()).isEqualTo("default");
  }

  @Test
  void every_default_is_what_its_setting_expects() {
    Settings.all()
        .values()
        .forEach(setting ->
            assertThat(setting.expected(Settings.byDefault(setting, "1.0")))
                .as(setting.path())
                .isEmpty());
  }

  @Test
  void the_last_word_counts_and_a_part_of_a_map_changes_only_that_part() {
    Checked checked =
        InstallValues.of(
            "1.0",
            List.of(
                new Said.File("a.yaml", "controlPlane: {replicas: 3}"),
                new Said.Assignment("controlPlane.replicas=4"),
                new Said.Assignment("controlPlane.resources.limits.memory=2Gi"),
                new Said.Assignment("controlPlane.nodeSelector.kubernetes\\.io/arch=arm64")));

    assertThat(checked.problems()).isEmpty();
    assertThat(checked.values().at("controlPlane.replicas").intValue()).isEqualTo(4);
    assertThat(checked.values().at("controlPlane.resources").toString())
        .isEqualTo(
            "{\"requests\":{\"cpu\":\"100m\",\"memory\":\"256Mi\"},\"limits\":{\"memory\":\"2Gi\"}}");
    assertThat(checked.values().at("controlPlane.nodeSelector").toString())
        .isEqualTo("{\"kubernetes.io/arch\":\"arm64\"}");
  }

  @Test
  void maps_are_merged_as_helm_does_and_null_takes_a_key_out() {
    Checked checked =
        InstallValues.of(
            "1.0",
            List.of(
                new Said.File(
                    "a.yaml",
                    "controlPlane: {resources: {limits: null, requests: {memory: 1Gi, gpu: 1}}}")));

    assertThat(checked.problems()).isEmpty();
    assertThat(checked.values().at("controlPlane.resources").toString())
        .isEqualTo("{\"requests\":{\"cpu\":\"100m\",\"memory\":\"1Gi\",\"gpu\":1}}");
  }

  @Test
  void a_text_stays_one_and_lists_may_be_written_as_helm_does() {
    Checked checked = said("image.tag=1.10", "image.pullSecrets={a,b}", "revision=20");

    assertThat(checked.problems()).isEmpty();
    assertThat(checked.values().at("image.tag").stringValue()).isEqualTo("1.10");
    assertThat(checked.values().at("revision").stringValue()).isEqualTo("20");
    assertThat(checked.values().at("image.pullSecrets").toString()).isEqualTo("[\"a\",\"b\"]");
  }

  @Test
  void an_unknown_value_is_an_error_that_says_what_may_have_been_meant() {
    Problem set = said("controlPlane.replica=3").problems().getFirst();
    Problem file =
        InstallValues.of("1.0", List.of(new Said.File("v.yaml", "controlPlane: {replcas: 3}")))
            .problems()
            .getFirst();

    assertThat(set.fix()).isEqualTo("did you mean 'controlPlane.replicas'?");
    assertThat(file.toString()).isEqualTo("v.yaml: controlPlane.replcas: no such value");
    assertThat(file.fix()).isEqualTo("did you mean 'controlPlane.replicas'?");
  }

  @Test
  void what_a_value_may_not_be_is_told_with_what_was_expected_and_all_at_once() {
    assertThat(
            said(
                    "controlPlane.replicas=0",
                    "webhooks.failurePolicy=fail",
                    "crds.istio=maybe",
                    "revision=Not_A_Label",
                    "image.repository=a\"b",
                    "controlPlane.nodeSelector=ssd",
                    "justaname",
                    "defaultRevision=true")
                .problems()
                .stream()
                .map(Problem::toString))
        .containsExactly(
            "--set controlPlane.replicas=0: controlPlane.replicas: 0 (expected: 1 to 20)",
            "--set webhooks.failurePolicy=fail: webhooks.failurePolicy: \"fail\" (expected: Fail,"
                + " Ignore)",
            "--set crds.istio=maybe: crds.istio: \"maybe\" (expected: true or false)",
            "--set revision=Not_A_Label: revision: \"Not_A_Label\" (expected: small letters, digits"
                + " and dashes, at most 40)",
            "--set image.repository=a\"b: image.repository: \"a\\\"b\" (expected: an image without"
                + " tag, as registry/name)",
            "--set controlPlane.nodeSelector=ssd: controlPlane.nodeSelector: \"ssd\" (expected: a"
                + " map)",
            "--set justaname: no NAME=VALUE",
            "values: defaultRevision: true (expected: false where the revision has no name, for then"
                + " it is the default)");
  }

  @Test
  void a_file_that_is_no_map_of_values_is_refused() {
    assertThat(
            InstallValues.of(
                    "1.0", List.of(new Said.File("a.yaml", "[1]"), new Said.File("b.yaml", "a: [")))
                .problems())
        .extracting(Problem::origin)
        .containsExactly("a.yaml", "b.yaml");
  }

  @Test
  void the_guide_has_every_value() throws IOException {
    Path guide = Judges.root().resolve("docs/guide/install.md");
    String begin = "<!-- values -->\n";
    String end = "<!-- /values -->\n";
    String text = Files.readString(guide);
    String written =
        text.substring(0, text.indexOf(begin) + begin.length())
            + Chart.guide()
            + text.substring(text.indexOf(end));
    if (Boolean.getBoolean("scenarios.write")) {
      Files.writeString(guide, written);
    }
    assertThat(text).isEqualTo(written);
  }

  private static Checked said(String... assignments) {
    return InstallValues.of(
        "1.0", Arrays.stream(assignments).map(text -> (Said) new Said.Assignment(text)).toList());
  }
}
