package dev.meshctl.model.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostNamesTest {
  @ParameterizedTest
  @CsvSource({
    "reviews, reviews.shop.svc.cluster.local",
    "Reviews, reviews.shop.svc.cluster.local",
    "reviews.shop, reviews.shop",
    "reviews.other.svc.cluster.local, reviews.other.svc.cluster.local",
    "*.example.com, *.example.com",
    "*, *",
  })
  void a_name_without_dots_is_a_service_of_the_namespace(String host, String full) {
    assertThat(HostNames.resolve(host, "shop")).isEqualTo(full);
  }

  @ParameterizedTest
  @CsvSource({
    "*, anything.at.all, true",
    "*.example.com, a.example.com, true",
    "*.example.com, a.b.example.com, true",
    "*.example.com, example.com, false",
    "*.example.com, *.b.example.com, true",
    "*.b.example.com, *.example.com, false",
    "example.com, EXAMPLE.com, true",
    "example.com, a.example.com, false",
    "*.example.com, badexample.com, false",
  })
  void a_wildcard_takes_in_names_below_it(String pattern, String host, boolean matches) {
    assertThat(HostNames.matches(pattern, host)).isEqualTo(matches);
  }

  @Test
  void the_most_specific_stands_first() {
    assertThat(
            List.of("*", "*.com", "a.com", "*.a.com", "longer.a.com").stream()
                .sorted(HostNames.MOST_SPECIFIC_FIRST))
        .containsExactly("longer.a.com", "a.com", "*.a.com", "*.com", "*");
  }

  @Provide
  Arbitrary<String> hosts() {
    return Arbitraries.of("a", "b", "*")
        .list()
        .ofMinSize(1)
        .ofMaxSize(3)
        .map(labels -> String.join(".", labels))
        .filter(host -> host.lastIndexOf('*') <= 0);
  }

  @Property(seed = "42", tries = 300, edgeCases = EdgeCasesMode.NONE)
  void an_intersection_takes_in_exactly_what_both_take_in(
      @ForAll("hosts") String first, @ForAll("hosts") String second, @ForAll("hosts") String name) {
    Optional<String> both = HostNames.intersect(first, second);

    assertThat(both).isEqualTo(HostNames.intersect(second, first));
    assertThat(both.map(pattern -> HostNames.matches(pattern, name)).orElse(false))
        .isEqualTo(HostNames.matches(first, name) && HostNames.matches(second, name));
  }
}
