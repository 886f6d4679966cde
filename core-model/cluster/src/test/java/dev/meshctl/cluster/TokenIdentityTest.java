package dev.meshctl.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokenIdentityTest {
  @Test
  void a_service_account_is_read_off_the_user_name() {
    assertThat(named("system:serviceaccount:shop:cart", Map.of()).serviceAccount())
        .contains(new TokenIdentity.ServiceAccount("shop", "cart"));
  }

  @Test
  void people_and_what_only_looks_like_a_service_account_are_none() {
    assertThat(named("jane", Map.of()).serviceAccount()).isEmpty();
    assertThat(named("system:serviceaccount:shop", Map.of()).serviceAccount()).isEmpty();
    assertThat(named("system:serviceaccount:shop:cart:more", Map.of()).serviceAccount()).isEmpty();
    assertThat(named("system:serviceaccount::cart", Map.of()).serviceAccount()).isEmpty();
  }

  @Test
  void the_pod_of_a_bound_token_is_known_by_name_and_uid_or_not_at_all() {
    assertThat(
            named(
                    "system:serviceaccount:shop:cart",
                    Map.of(
                        "authentication.kubernetes.io/pod-name", List.of("cart-1"),
                        "authentication.kubernetes.io/pod-uid", List.of("u-1")))
                .pod())
        .contains(new TokenIdentity.BoundPod("cart-1", "u-1"));
    assertThat(
            named(
                    "system:serviceaccount:shop:cart",
                    Map.of("authentication.kubernetes.io/pod-name", List.of("cart-1")))
                .pod())
        .isEmpty();
  }

  private static TokenIdentity named(String username, Map<String, List<String>> extra) {
    return new TokenIdentity(username, "", List.of(), List.of(), extra);
  }
}
