package dev.meshctl.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules as text, held against golden files. */
class CaptureRulesTest {
  private static final CapturePlan PLAIN =
      CapturePlan.all(List.of("10.77.1.4"), List.of("10.77.0.1"), List.of("10.77.0.5"));

  /** Everything that can be said, for both families. */
  private static final CapturePlan WITH_EXCLUSIONS =
      CaptureOptions.parse(
          List.of(
              "--dns-port=15053",
              "--include-inbound-ports=8080,8443",
              "--exclude-inbound-ports=15020,15021",
              "--include-outbound-blocks=10.96.0.0/12,fd00:96::/32",
              "--exclude-outbound-blocks=192.0.2.0/24,198.51.100.7/32,fd00:96::7/128",
              "--include-outbound-ports=443",
              "--exclude-outbound-ports=3306",
              "--exclude-interfaces=eth1,docker0"),
          List.of("10.77.1.4", "fd77::1:4"),
          List.of("10.77.0.1", "10.77.0.2", "fd77::1"));

  static List<String> plans() {
    return List.of("plain", "exclusions");
  }

  private static CapturePlan plan(String name) {
    return name.equals("plain") ? PLAIN : WITH_EXCLUSIONS;
  }

  @ParameterizedTest
  @MethodSource("plans")
  void iptables_rules_are_those_of_the_golden_file(String name) throws IOException {
    assertGolden(name + ".iptables", IptablesRules.apply(plan(name), AddressFamily.IPV4, ""));
    assertGolden(name + ".ip6tables", IptablesRules.apply(plan(name), AddressFamily.IPV6, ""));
  }

  @ParameterizedTest
  @MethodSource("plans")
  void nft_rules_are_those_of_the_golden_file(String name) throws IOException {
    assertGolden(
        name + ".nft",
        NftRules.apply(plan(name), AddressFamily.IPV4)
            + NftRules.apply(plan(name), AddressFamily.IPV6));
  }

  @Test
  void rules_that_are_there_are_replaced_and_those_of_others_stay() throws IOException {
    String saved =
        """
        *nat
        :PREROUTING ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :OTHERS - [0:0]
        :MESH_INBOUND - [0:0]
        :MESH_OUTPUT - [0:0]
        -A PREROUTING -j OTHERS
        -A PREROUTING -p tcp -j MESH_INBOUND
        -A OUTPUT -d 10.77.0.9/32 -p udp -m udp --dport 53 -j MESH_OUTPUT
        -A OUTPUT -p tcp -j MESH_OUTPUT
        -A MESH_OUTPUT -j RETURN
        COMMIT
        """;

    assertThat(IptablesRules.isApplied(saved)).isTrue();
    assertThat(IptablesRules.apply(PLAIN, AddressFamily.IPV4, saved))
        .startsWith(
            """
            *nat
            :MESH_INBOUND - [0:0]
            :MESH_OUTPUT - [0:0]
            :MESH_DNS - [0:0]
            -D PREROUTING -p tcp -j MESH_INBOUND
            -D OUTPUT -d 10.77.0.9/32 -p udp -m udp --dport 53 -j MESH_OUTPUT
            -D OUTPUT -p tcp -j MESH_OUTPUT
            -A PREROUTING -p tcp -j MESH_INBOUND
            """);
    assertThat(IptablesRules.remove(saved))
        .isEqualTo(
            """
            *nat
            -D PREROUTING -p tcp -j MESH_INBOUND
            -D OUTPUT -d 10.77.0.9/32 -p udp -m udp --dport 53 -j MESH_OUTPUT
            -D OUTPUT -p tcp -j MESH_OUTPUT
            -F MESH_INBOUND
            -F MESH_OUTPUT
            -X MESH_INBOUND
            -X MESH_OUTPUT
            COMMIT
            """);
  }

  @Test
  void without_rules_of_ours_there_is_nothing_to_remove() {
    assertThat(IptablesRules.remove("*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n")).isEmpty();
    assertThat(IptablesRules.isApplied("")).isFalse();
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

  /** With {@code -Dscenarios.write=true} it is written instead: read it before it is committed. */
  private static void assertGolden(String name, String actual) throws IOException {
    if (Boolean.getBoolean("scenarios.write")) {
      Files.writeString(Path.of("src/test/resources/dev/meshctl/capture", name), actual);
    } else {
      assertThat(actual).isEqualTo(golden(name));
    }
  }

  private static String golden(String name) throws IOException {
    try (InputStream in = CaptureRulesTest.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
