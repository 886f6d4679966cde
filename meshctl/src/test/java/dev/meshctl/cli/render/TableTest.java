package dev.meshctl.cli.render;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TableTest {
  private static final Screen COLOURS = new Screen(true, true, true, 80);

  @Test
  void columns_are_as_wide_as_their_widest_cell_and_numbers_end_in_line() {
    Table table = Table.of("NAME", "N").right(1).row("reviews", 7).row("a", 1234);
    assertThat(table.lines(Screen.PLAIN))
        .containsExactly("NAME        N", "reviews     7", "a        1234");
  }

  @Test
  void a_narrow_screen_shortens_only_columns_that_may_shrink() {
    Table table =
        Table.of("ID", "NAME").shrinkable(1).row("0123456789", "reviews.bookshop.svc.cluster");
    assertThat(table.lines(new Screen(true, false, false, 24)))
        .containsExactly("ID          NAME", "0123456789  reviews.boo…");
  }

  @Test
  void a_column_never_shrinks_to_nothing() {
    Table table = Table.of("NAME").shrinkable(0).row("reviews.bookshop");
    assertThat(table.lines(new Screen(true, false, false, 2))).containsExactly("NAME", "reviews…");
  }

  @Test
  void colour_does_not_count_as_width() {
    Table table = Table.of("S", "N").row(Table.Cell.of(Style.GOOD, "ok"), "x").row("stale", "y");
    assertThat(table.lines(COLOURS))
        .containsExactly(
            "\u001b[1mS\u001b[0m      \u001b[1mN\u001b[0m",
            "\u001b[32mok\u001b[0m     x",
            "stale  y");
  }

  @Test
  void a_row_of_another_length_is_a_mistake() {
    assertThatThrownBy(() -> Table.of("A", "B").row("x")).hasMessage("1 cells (expected: 2)");
  }
}
