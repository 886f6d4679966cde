package dev.meshctl.cli.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cli.security.Rotation.Held;
import dev.meshctl.cli.security.Rotation.Next;
import dev.meshctl.cli.security.Rotation.Seen;
import dev.meshctl.identity.TrustFolder.Phase;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RotationTest {
  private static final Set<String> BOTH = Set.of("old", "new");
  private static final Set<String> PROXIES = Set.of("a", "b");
  private static final Rotation.Files SPREADING = new Rotation.Files(Phase.SPREADING, "old", BOTH);
  private static final Rotation.Files RENEWING = new Rotation.Files(Phase.RENEWING, "new", BOTH);

  private static Held held(String proxy, String root) {
    return new Held(proxy, "spiffe://of/" + proxy, root);
  }

  @Test
  void a_control_plane_that_works_by_other_files_starts_anew() {
    assertThat(
            Rotation.next(SPREADING, new Seen("old", Set.of("old"), PROXIES, PROXIES, List.of())))
        .isEqualTo(new Next.Restart());
    assertThat(Rotation.next(RENEWING, new Seen("old", BOTH, PROXIES, PROXIES, List.of())))
        .isEqualTo(new Next.Restart());
  }

  @Test
  void the_new_root_signs_once_all_trust_it() {
    assertThat(Rotation.next(SPREADING, new Seen("old", BOTH, PROXIES, Set.of("a"), List.of())))
        .isEqualTo(new Next.Wait("they trust both roots", List.of("b")));
    assertThat(Rotation.next(SPREADING, new Seen("old", BOTH, PROXIES, PROXIES, List.of())))
        .isEqualTo(new Next.Swap());
  }

  @Test
  void the_old_root_goes_once_nobody_holds_a_certificate_of_it() {
    List<Held> renewed = List.of(held("a", "new"), held("b", "new"));
    assertThat(Rotation.next(RENEWING, new Seen("new", BOTH, PROXIES, PROXIES, renewed)))
        .isEqualTo(new Next.Finish());

    List<Held> one = List.of(held("a", "new"), held("b", "old"));
    assertThat(Rotation.next(RENEWING, new Seen("new", BOTH, PROXIES, PROXIES, one)))
        .isInstanceOfSatisfying(
            Next.Wait.class, wait -> assertThat(wait.whom()).containsExactly("b"));
  }

  @Test
  void a_proxy_that_has_not_been_seen_and_a_certificate_of_nobody_are_waited_for() {
    List<Held> onlyA = List.of(held("a", "new"));
    assertThat(Rotation.next(RENEWING, new Seen("new", BOTH, PROXIES, PROXIES, onlyA)))
        .isInstanceOfSatisfying(
            Next.Wait.class, wait -> assertThat(wait.whom()).containsExactly("b"));

    List<Held> stranger =
        List.of(held("a", "new"), held("b", "new"), new Held("", "spiffe://of/job", "old"));
    assertThat(Rotation.next(RENEWING, new Seen("new", BOTH, PROXIES, PROXIES, stranger)))
        .isInstanceOfSatisfying(
            Next.Wait.class, wait -> assertThat(wait.whom()).containsExactly("spiffe://of/job"));
  }

  @Test
  void it_is_done_when_all_trust_the_one_root_alone() {
    Rotation.Files steady = new Rotation.Files(Phase.STEADY, "new", Set.of("new"));
    assertThat(Rotation.next(steady, new Seen("new", BOTH, PROXIES, PROXIES, List.of())))
        .isEqualTo(new Next.Restart());
    assertThat(Rotation.next(steady, new Seen("new", Set.of("new"), PROXIES, PROXIES, List.of())))
        .isEqualTo(new Next.Done());
  }
}
