package dev.meshctl.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The rules as text, held against golden files. */
class CaptureRulesTest {
  private static final RedirectPlan PLAIN =
      RedirectPlan.of("10.77.1.4", "10.77.0.1", List.of("10.77.0.5"));
  private static final RedirectPlan WITH_EXCLUSIONS =
      new RedirectPlan(
          "10.77.1.4",
          "10.77.0.1",
          1337,
          15001,
          15006,
          15053,
          List.of("10.77.0.5"),
          List.of(15020, 15021),
          List.of(3306),
          List.of("192.0.2.0/24", "198.51.100.7/32"));

  @Test
  void iptables_rules_are_those_of_the_golden_file() throws IOException {
    assertThat(IptablesRules.restore(PLAIN)).isEqualTo(golden("plain.iptables"));
    assertThat(IptablesRules.restore(WITH_EXCLUSIONS)).isEqualTo(golden("exclusions.iptables"));
  }

  @Test
  void nft_rules_are_those_of_the_golden_file() throws IOException {
    assertThat(NftRules.table(PLAIN)).isEqualTo(golden("plain.nft"));
    assertThat(NftRules.table(WITH_EXCLUSIONS)).isEqualTo(golden("exclusions.nft"));
  }

  @Test
  void namespace_scripts_are_those_of_the_golden_file() throws IOException {
    assertThat(NamespaceScripts.switchNamespace(4711, "meshctl77")).isEqualTo(golden("switch.sh"));
    assertThat(
            NamespaceScripts.pod(
                4712,
                4,
                "10.77.1.4",
                16,
                "10.77.0.1",
                "/run/it's/resolv.conf",
                RulesFormat.IPTABLES,
                "/run/it's/rules"))
        .isEqualTo(golden("pod.sh"));
    assertThat(NamespaceScripts.resolvConf("10.77.0.1", "shop")).isEqualTo(golden("resolv.conf"));
  }

  private static String golden(String name) throws IOException {
    try (InputStream in = CaptureRulesTest.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
