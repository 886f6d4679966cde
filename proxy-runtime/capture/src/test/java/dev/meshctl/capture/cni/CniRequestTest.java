package dev.meshctl.capture.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.capture.CapturePlan;
import java.util.List;
import org.junit.jupiter.api.Test;

class CniRequestTest {
  private static final String INPUT =
      """
      {"cniVersion": "1.0.0", "name": "pods", "type": "meshctl-cni",
       "runtimeConfig": {"io.kubernetes.cri.pod-annotations": {"meshctl.dev/capture": "%s"},
        "dns": {"servers": ["10.96.0.10"], "searches": ["svc"]}},
       "prevResult": {"cniVersion": "1.0.0", "interfaces": [{"name": "eth0"}],
        "ips": [{"address": "10.1.0.7/24"}, {"address": "fd00::7/64"}]}}
      """;

  @Test
  void a_pod_is_captured_as_its_annotation_says_at_the_addresses_it_was_given() {
    CapturePlan plan =
        request(INPUT.formatted("--dns-port=15053  --exclude-inbound-ports=15020"))
            .plan()
            .orElseThrow();

    assertThat(plan.podAddresses()).containsExactly("10.1.0.7", "fd00::7");
    assertThat(plan.nameservers()).containsExactly("10.96.0.10");
    assertThat(plan.inbound().except()).containsExactly(15020);
    assertThat(plan.proxy().dnsPort()).isEqualTo(15053);
  }

  @Test
  void a_pod_without_the_annotation_is_left_alone() {
    assertThat(request(INPUT.formatted("")).plan()).isEmpty();
    assertThat(request("{}").plan()).isEmpty();
  }

  @Test
  void the_result_of_the_plugin_before_is_passed_on() {
    assertThat(request(INPUT.formatted("")).result())
        .isEqualTo(
            "{\"cniVersion\":\"1.0.0\",\"interfaces\":[{\"name\":\"eth0\"}],"
                + "\"ips\":[{\"address\":\"10.1.0.7/24\"},{\"address\":\"fd00::7/64\"}]}");
    assertThat(request("{}").result()).isEqualTo("{\"cniVersion\":\"1.0.0\"}");
  }

  @Test
  void resolvers_are_known_however_a_container_runtime_spells_them() {
    String older = INPUT.formatted("--dns-port=15053").replace("\"servers\"", "\"Servers\"");

    assertThat(request(older).plan().orElseThrow().nameservers()).containsExactly("10.96.0.10");
  }

  @Test
  void what_cannot_be_read_is_refused_in_the_words_of_the_specification() {
    assertThatThrownBy(() -> request("["))
        .isInstanceOfSatisfying(
            CniFailure.class,
            failure ->
                assertThat(failure.json("1.0.0"))
                    .startsWith(
                        "{\"cniVersion\":\"1.0.0\",\"code\":6,\"msg\":\"meshctl: the configuration"
                            + " is no JSON\",\"details\":\"Unexpected end"));
    assertThatThrownBy(() -> request("1")).hasMessage("the configuration is no object");
    assertThatThrownBy(() -> request(INPUT.formatted("--nonsense=1")).plan())
        .hasMessageStartingWith("annotation meshctl.dev/capture of the pod: what is --nonsense=1?");
  }

  private static CniRequest request(String input) {
    return CniRequest.parse(input);
  }

  @Test
  void the_answer_has_the_version_that_was_spoken() {
    assertThat(List.of(request("{}").version(), request("{\"cniVersion\":\"0.4.0\"}").version()))
        .containsExactly("1.0.0", "0.4.0");
  }
}
