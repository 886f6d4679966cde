package dev.meshctl.dataplane.stack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.route.RequestLayer;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class RoleTest {
  /** A change of order is a change of behaviour: it shows here. */
  @Test
  void the_layers_of_each_role_stand_in_this_order() {
    String golden =
        Arrays.stream(Role.values())
            .map(role ->
                role
                    + ": "
                    + role.layers().stream()
                        .map(RequestLayer::name)
                        .collect(Collectors.joining(" > ")))
            .collect(Collectors.joining("\n"));
    assertThat(golden)
        .isEqualTo(
            """
            SIDECAR_INBOUND: request id > shed overload > forwarded protocol > client certificate > find route > \
            upgrades > filters > answer locally > fault > choose cluster > rewrite > mirror > forward
            SIDECAR_OUTBOUND: request id > shed overload > forwarded protocol > client certificate > find route > \
            upgrades > filters > answer locally > fault > choose cluster > rewrite > mirror > forward
            EDGE: request id > shed overload > client address > client certificate > find route > \
            upgrades > filters > answer locally > fault > choose cluster > rewrite > mirror > forward
            MIDDLE: shed overload > request id > forwarded protocol > client certificate > find route > \
            upgrades > filters > answer locally > fault > choose cluster > rewrite > mirror > forward
            NODE: \
            """);
  }
}
