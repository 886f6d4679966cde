package dev.meshctl.controlplane.serve.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RejectionsTest {
  @Test
  void a_message_names_resources_as_we_and_as_envoy_write_them() {
    List<String> sent =
        List.of("outbound|9080||reviews.default.svc.cluster.local", "9080", "127.77.16.1_9080");

    assertThat(Rejections.named("9080: domains: none", sent)).containsExactly("9080");
    assertThat(
            Rejections.named(
                "outbound|9080||reviews.default.svc.cluster.local: type: unknown", sent))
        .containsExactly("outbound|9080||reviews.default.svc.cluster.local");
    assertThat(Rejections.named("Error adding/updating listener(s) 127.77.16.1_9080: in use", sent))
        .containsExactly("127.77.16.1_9080");
  }

  @Test
  void a_message_may_name_none() {
    assertThat(Rejections.named("malformed", List.of("a1", "b1"))).isEmpty();
  }
}
