package dev.meshctl.model.compare.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.compare.text.Cells.Cell;
import dev.meshctl.model.compare.text.Cells.Pattern;
import dev.meshctl.model.xds.route.ValueMatch;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class CellsTest {
  private static Cells cells(ValueMatch... matches) {
    return Cells.of(
        List.of(matches).stream().map(Pattern::of).toList(),
        Letters.ALL,
        Expression.ANYTHING,
        List.of());
  }

  private static Set<Set<Integer>> met(Cells cells) {
    return cells.cells().stream().map(Cell::met).collect(Collectors.toSet());
  }

  @Test
  void every_way_to_meet_some_patterns_and_not_others_is_found() {
    Cells cells =
        cells(
            new ValueMatch.Prefix("/a"),
            new ValueMatch.Regex("/[ab]/[0-9]+"),
            new ValueMatch.Suffix("7"));
    assertThat(cells.whole()).isTrue();
    assertThat(met(cells))
        .containsExactlyInAnyOrder(
            Set.of(),
            Set.of(0),
            Set.of(2),
            Set.of(0, 1),
            Set.of(0, 2),
            Set.of(1),
            Set.of(1, 2),
            Set.of(0, 1, 2));
  }

  @Test
  void what_no_text_can_meet_is_no_cell() {
    Cells cells = cells(new ValueMatch.Exact("a"), new ValueMatch.Prefix("b"));
    assertThat(met(cells)).containsExactlyInAnyOrder(Set.of(), Set.of(0), Set.of(1));
  }

  @Test
  void anchors_count_where_they_stand() {
    assertThat(met(cells(new ValueMatch.Regex("^a$"))))
        .containsExactlyInAnyOrder(Set.of(), Set.of(0));
    assertThat(met(cells(new ValueMatch.Regex("a^b")))).containsExactly(Set.of());
    assertThat(met(cells(new ValueMatch.Regex("(a$|b)c?"))))
        .containsExactlyInAnyOrder(Set.of(), Set.of(0));
  }

  @Test
  void what_is_not_understood_is_said() {
    assertThat(cells(new ValueMatch.Regex("\\bword\\b")).whole()).isFalse();
    assertThat(cells(new ValueMatch.Regex("\\p{Greek}")).whole()).isFalse();
    assertThat(cells(new ValueMatch.Range(1, 5)).whole()).isFalse();
  }

  @Test
  void a_walk_that_would_never_end_is_ended_and_said() {
    // Whether the 16th letter from the end is an a: as many states as there are words of 16.
    Cells cells = cells(new ValueMatch.Regex("[ab]*a[ab]{16}"));
    assertThat(cells.whole()).isFalse();
    assertThat(met(cells)).contains(Set.of());
  }

  @Provide
  Arbitrary<String> regexes() {
    return regexes(3);
  }

  private static Arbitrary<String> regexes(int depth) {
    Arbitrary<String> letters =
        Arbitraries.of(
            "a",
            "b",
            "/",
            ".",
            "[ab]",
            "[^a]",
            "[a-c]",
            "\\d",
            "\\w",
            "[[:alpha:]]",
            "(?i)A",
            "(?i:b)",
            "\\Qa.b\\E",
            "x{2}",
            "a{0,2}",
            "\\x61",
            "\\.",
            "[\\d_]",
            "[]a]",
            "a{");
    if (depth == 0) {
      return letters;
    }
    Arbitrary<String> smaller = regexes(depth - 1);
    return Arbitraries.oneOf(
        letters,
        Combinators.combine(smaller, Arbitraries.of("*", "+", "?", "{1,2}", "*?"))
            .as((of, times) -> "(?:" + of + ")" + times),
        Combinators.combine(smaller, smaller).as((one, other) -> one + other),
        Combinators.combine(smaller, smaller).as((one, other) -> "(" + one + "|" + other + ")"));
  }

  @Property(seed = "11", tries = 600)
  void expressions_are_read_as_re2_reads_them(
      @ForAll @From("regexes") String regex, @ForAll @Size(20) List<@From("texts") String> texts) {
    com.google.re2j.Pattern re2 = com.google.re2j.Pattern.compile(regex);
    Automaton automaton = Automaton.of(RegexReader.read(regex).orElseThrow()).orElseThrow();
    for (String text : texts) {
      assertThat(automaton.accepts(text))
          .as("%s takes '%s'", regex, text)
          .isEqualTo(re2.matches(text));
    }
    Cells cells = cells(new ValueMatch.Regex(regex));
    for (Cell cell : cells.cells()) {
      for (String text : cell.texts()) {
        assertThat(cell.meets(0)).as("%s takes '%s'", regex, text).isEqualTo(re2.matches(text));
      }
    }
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of('a', 'b', 'A', 'B', 'c', 'x', '/', '.', '1', '_', '{', ']')
        .list()
        .ofMaxSize(5)
        .map(letters -> letters.stream().map(String::valueOf).collect(Collectors.joining()));
  }

  @Property(seed = "12", tries = 300)
  void no_text_meets_patterns_in_a_way_that_is_no_cell(
      @ForAll @Size(min = 1, max = 3) List<@From("regexes") String> regexes,
      @ForAll @Size(30) List<@From("texts") String> texts) {
    Cells cells = cells(regexes.stream().map(ValueMatch.Regex::new).toArray(ValueMatch[]::new));
    if (!cells.whole()) {
      return;
    }
    for (String text : texts) {
      Set<Integer> met =
          java.util.stream.IntStream.range(0, regexes.size())
              .filter(i -> com.google.re2j.Pattern.matches(regexes.get(i), text))
              .boxed()
              .collect(Collectors.toSet());
      assertThat(met(cells)).as("'%s' of %s", text, regexes).contains(met);
    }
  }
}
