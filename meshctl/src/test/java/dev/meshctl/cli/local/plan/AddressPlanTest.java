package dev.meshctl.cli.local.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AddressPlanTest {
  private final AddressPlan explicit = new AddressPlan.Explicit(77);
  private final AddressPlan transparent = new AddressPlan.Transparent(77);

  @Test
  void explicit_addresses_lie_in_the_block() {
    assertThat(explicit.controlPlane()).isEqualTo("127.77.0.1");
    assertThat(explicit.gateway(0)).isEqualTo("127.77.0.10");
    assertThat(explicit.workload(4)).isEqualTo("127.77.1.4");
    assertThat(explicit.peer(4)).isEqualTo("127.77.2.4");
    assertThat(explicit.service(4, 3)).isEqualTo("127.77.20.3");
  }

  @Test
  void transparent_peers_reach_the_workload_s_own_address() {
    assertThat(transparent.peer(4)).isEqualTo(transparent.workload(4)).isEqualTo("10.77.1.4");
    assertThat(transparent.service(4, 3)).isEqualTo(transparent.service(5, 3));
  }

  @Test
  void no_two_things_share_an_address() {
    Set<String> seen = new HashSet<>();
    int expected = 2;
    seen.add(explicit.controlPlane());
    seen.add(explicit.gateway(0));
    for (int n = 1; n <= AddressPlan.MAX_REPLICAS; n++) {
      seen.add(explicit.workload(n));
      seen.add(explicit.peer(n));
      seen.add(explicit.service(n, 1));
      seen.add(explicit.service(n, 254));
      expected += 4;
    }
    assertThat(seen).hasSize(expected);
  }

  @Test
  void what_lies_outside_of_the_plan_is_refused() {
    assertThatThrownBy(() -> explicit.workload(240)).hasMessageContaining("expected: 1 to 239");
    assertThatThrownBy(() -> explicit.service(1, 255)).hasMessageContaining("expected: 1 to 254");
    assertThatThrownBy(() -> new AddressPlan.Explicit(63)).hasMessageContaining("block: 63");
  }
}
