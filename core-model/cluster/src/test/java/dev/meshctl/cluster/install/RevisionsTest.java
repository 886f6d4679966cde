package dev.meshctl.cluster.install;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cluster.install.Revisions.Answering;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RevisionsTest {
  private static final Map<String, String> NOTHING = Map.of();
  private static final Map<String, String> BLUE = Map.of("istio.io/rev", "blue");
  private static final Map<String, String> DEFAULT = Map.of("istio.io/rev", "default");
  private static final Map<String, String> ENABLED =
      Map.of("istio-injection", "enabled", "istio.io/rev", "blue");

  private static final List<Answering> WITHOUT_DEFAULT_BLUE =
      List.of(new Answering("", true), new Answering("blue", false));
  private static final List<Answering> WITH_DEFAULT_BLUE =
      List.of(new Answering("", false), new Answering("blue", true));

  @Test
  void what_names_a_revision_is_for_that_one_and_what_names_none_for_the_default_one() {
    assertThat(who(WITHOUT_DEFAULT_BLUE, BLUE)).containsExactly("blue");
    assertThat(who(WITHOUT_DEFAULT_BLUE, NOTHING)).containsExactly("default");
    assertThat(who(WITHOUT_DEFAULT_BLUE, DEFAULT)).containsExactly("default");
    assertThat(who(WITH_DEFAULT_BLUE, BLUE)).containsExactly("blue");
    assertThat(who(WITH_DEFAULT_BLUE, NOTHING)).containsExactly("blue");
    assertThat(who(WITH_DEFAULT_BLUE, DEFAULT)).containsExactly("blue");
    assertThat(who(WITH_DEFAULT_BLUE, Map.of("istio.io/rev", "gone"))).isEmpty();
  }

  @Test
  void what_says_nothing_itself_is_as_its_namespace_where_injection_counts_first() {
    assertThat(who(WITHOUT_DEFAULT_BLUE, NOTHING, BLUE)).containsExactly("blue");
    assertThat(who(WITHOUT_DEFAULT_BLUE, DEFAULT, BLUE)).containsExactly("default");
    assertThat(who(WITHOUT_DEFAULT_BLUE, NOTHING, ENABLED)).containsExactly("default");
  }

  @SafeVarargs
  private static List<String> who(List<Answering> installed, Map<String, String>... labels) {
    return installed.stream()
        .filter(each -> each.takes(List.of(labels)))
        .map(Answering::label)
        .toList();
  }
}
