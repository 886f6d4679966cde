package dev.meshctl.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BundleVersionTest {

  @Test
  void versions_are_ordered_as_semantic_versioning_orders_them() {
    List<BundleVersion> ascending =
        Stream.of(
                "0.9",
                "1.0.0-alpha",
                "1.0.0-alpha.1",
                "1.0.0-alpha.beta",
                "1.0.0-beta",
                "1.0.0-beta.2",
                "1.0.0-beta.11",
                "1.0.0-rc.1",
                "1.0.0",
                "1.0.1-SNAPSHOT",
                "1.0.1",
                "1.2",
                "1.10",
                "2")
            .map(BundleVersion::new)
            .toList();
    for (int i = 0; i < ascending.size(); i++) {
      for (int j = 0; j < ascending.size(); j++) {
        assertThat(Integer.signum(ascending.get(i).compareTo(ascending.get(j))))
            .as(ascending.get(i) + " and " + ascending.get(j))
            .isEqualTo(Integer.compare(i, j));
      }
    }
  }

  @Test
  void missing_numbers_are_zero_and_builds_order_nothing() {
    assertThat(new BundleVersion("1.0")).isEqualByComparingTo(new BundleVersion("1.0.0"));
    assertThat(new BundleVersion("1.0+a")).isEqualByComparingTo(new BundleVersion("1.0+b"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "v1", "1.", ".1", "1.2.3.4.5", "1-", "1.0-a/b", "99999999999"})
  void what_is_no_version_is_refused(String text) {
    assertThatThrownBy(() -> new BundleVersion(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("version: '" + text + "'");
  }
}
