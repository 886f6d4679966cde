package dev.meshctl.model.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubstitutionTest {
  @ParameterizedTest
  @CsvSource({
    "^/a/(b+)(c)?, /x/\\1-\\2, /a/bb/d, /x/bb-/d",
    "o, 0$1, foo, f0$10$1",
    "(b), \\0\\1\\\\, abc, abb\\c",
    "x, y, abc, abc",
  })
  void every_match_is_replaced(String pattern, String substitution, String text, String expected) {
    assertThat(new Substitution(pattern, substitution).apply(text)).isEqualTo(expected);
  }

  @Test
  void a_group_that_is_not_there_is_named() {
    assertThatThrownBy(() -> new Substitution("(a)", "\\2")).hasMessageContaining("\\0 to \\1");
    assertThatThrownBy(() -> new Substitution("(a)", "x\\")).hasMessageContaining("x\\");
  }
}
