package dev.meshctl.capture.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ConflistTest {
  private static final String LIST =
      """
      {"cniVersion": "0.3.1", "name": "pods", "custom": {"kept": [1, 2.50]},
       "plugins": [{"type": "bridge", "ipam": {"type": "host-local"}}, {"type": "portmap"}]}
      """;
  private static final JsonMapper JSON = new JsonMapper();

  @Test
  void our_plugin_comes_last_and_is_told_annotations_and_resolvers() {
    String with = Conflist.with(LIST, List.of("10.96.0.10"));

    assertThat(JSON.readTree(with))
        .isEqualTo(
            JSON.readTree(
                LIST.replace(
                    "{\"type\": \"portmap\"}",
                    "{\"type\": \"portmap\"}, {\"type\": \"meshctl-cni\", \"capabilities\":"
                        + " {\"io.kubernetes.cri.pod-annotations\": true},"
                        + " \"nameservers\": [\"10.96.0.10\"]}")));
  }

  @Test
  void again_is_as_once_and_removal_leaves_what_was_before() {
    String with = Conflist.with(LIST, List.of("10.96.0.10"));

    assertThat(Conflist.with(with, List.of("10.96.0.10"))).isEqualTo(with);
    assertThat(Conflist.with(with, List.of("10.96.0.53"))).contains("10.96.0.53");
    assertThat(Conflist.has(with)).isTrue();
    assertThat(JSON.readTree(Conflist.without(with))).isEqualTo(JSON.readTree(LIST));
    assertThat(Conflist.without(LIST)).isEqualTo(LIST);
    assertThat(Conflist.has(LIST)).isFalse();
  }

  @Test
  void a_plugin_of_ours_that_somebody_else_put_elsewhere_moves_to_the_end() {
    String moved =
        LIST.replace(
            "{\"type\": \"portmap\"}", "{\"type\": \"meshctl-cni\"}, {\"type\": \"tuning\"}");

    assertThat(Conflist.with(moved, List.of()).replaceAll("\\s", ""))
        .contains("{\"type\":\"tuning\"},{\"type\":\"meshctl-cni\"");
  }

  @Test
  void what_is_no_list_is_refused() {
    assertThatThrownBy(() -> Conflist.with("{", List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Conflist.with("{\"type\": \"bridge\"}", List.of()))
        .hasMessageContaining("has to become a .conflist");
  }

  @Test
  void the_list_in_force_is_the_first_by_name() {
    assertThat(Conflist.inForce(List.of("87-podman.conflist", "10-a.conf.bak", "10-b.conflist")))
        .hasValue("10-b.conflist");
    assertThat(Conflist.inForce(List.of("README"))).isEmpty();
  }
}
