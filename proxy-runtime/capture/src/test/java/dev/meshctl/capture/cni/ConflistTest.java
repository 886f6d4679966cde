package dev.meshctl.capture.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ConflistTest {
  private static final String OURS =
      """
      {"type":"meshctl-cni","capabilities":{"io.kubernetes.cri.pod-annotations":true,"dns":true}}\
      """;

  /** As people, the Cluster Network Operator, and programs of various languages write them. */
  private static final List<String> LISTS =
      List.of(
          """
          {"cniVersion": "0.3.1", "name": "pods", "custom": {"plugins": [1, 2.50], "é": "}]"},
           "plugins": [{"type": "bridge", "ipam": {"type": "host-local"}}, {"type": "portmap"}]}
          """,
          """
          {
            "name": "cbr0",
            "plugins": [
              {
                "type": "flannel",
                "delegate": {"hairpinMode": true}
              },
              {
                "type": "portmap"
              }
            ],
            "cniVersion": "1.0.0"
          }\
          """,
          "{\"plugins\":[{\"type\":\"a\"}]}",
          "{\"plugins\": [ ]}\r\n",
          "\t{\r\n\"plugins\": [\r\n\t{\"type\": \"\\\"}]\"}\r\n]}\n\n");

  private static final JsonMapper JSON = new JsonMapper();

  @Test
  void our_plugin_comes_last_and_is_told_annotations_and_resolvers() {
    assertThat(Conflist.with(LISTS.get(0)))
        .isEqualTo(
            LISTS.get(0).replace("{\"type\": \"portmap\"}", "{\"type\": \"portmap\"}, " + OURS));
    assertThat(Conflist.with(LISTS.get(1)))
        .contains("      \"type\": \"portmap\"\n    },\n    " + OURS + "\n  ],");
  }

  @Test
  void what_was_there_before_is_there_again_to_the_byte() {
    for (String list : LISTS) {
      String with = Conflist.with(list);

      assertThat(JSON.readTree(with).path("plugins").valueStream().toList().getLast())
          .isEqualTo(JSON.readTree(OURS));
      assertThat(Conflist.has(with)).isTrue();
      assertThat(Conflist.with(with)).as("again").isEqualTo(with);
      assertThat(Conflist.without(with)).isEqualTo(list);
      assertThat(Conflist.without(list)).as("without what is not there").isEqualTo(list);
      assertThat(Conflist.has(list)).isFalse();
    }
  }

  @Test
  void a_plugin_of_ours_that_somebody_else_moved_or_doubled_or_changed_is_one_at_the_end() {
    String before = "{\"plugins\": [%s{\"type\": \"tuning\"}%s]}";
    String alone = before.formatted("", "");
    String old = "{\"type\": \"meshctl-cni\", \"nameservers\": []}";

    for (String list :
        List.of(
            before.formatted(OURS + ", ", ""),
            before.formatted(OURS + ", ", ", " + OURS),
            before.formatted("", ", " + old),
            before.formatted("", ", " + OURS + ", " + OURS))) {
      assertThat(Conflist.with(list)).isEqualTo(Conflist.with(alone));
      assertThat(Conflist.without(list)).isEqualTo(alone);
    }
  }

  @Test
  void what_is_no_list_is_refused() {
    for (String text :
        List.of("", "[", "1", "{\"plugins\": [", "{\"plugins\": [{}]", "{\"plugins\": [1]}")) {
      assertThatThrownBy(() -> Conflist.with(text))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("no list of CNI plugins");
    }
    assertThatThrownBy(() -> Conflist.with("{\"type\": \"bridge\"}"))
        .hasMessageContaining("has to become a .conflist");
  }

  @Test
  void the_list_in_force_is_the_first_by_name() {
    assertThat(Conflist.inForce(List.of("87-podman.conflist", "10-a.conf.bak", "10-b.conflist")))
        .hasValue("10-b.conflist");
    assertThat(Conflist.inForce(List.of("README"))).isEmpty();
  }
}
