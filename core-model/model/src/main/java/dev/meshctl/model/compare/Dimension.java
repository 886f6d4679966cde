package dev.meshctl.model.compare;

import dev.meshctl.model.compare.text.Cells;
import dev.meshctl.model.compare.text.Cells.Cell;
import dev.meshctl.model.compare.text.Cells.Pattern;
import dev.meshctl.model.compare.text.Expression;
import dev.meshctl.model.compare.text.Letters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One text of a request that conditions speak of: its method, its path, a header. First the
 * patterns of all conditions are added, then the choices are asked for.
 *
 * <p>Thread: one.
 */
final class Dimension {
  private final String name;
  private final Letters letters;
  private final Expression shape;
  private final List<String> liked;
  private final boolean mayBeAbsent;
  private final List<Pattern> patterns = new ArrayList<>();
  private List<Choice> choices = List.of();
  private boolean whole = true;

  /**
   * @param name for words: {@code path}, {@code header x-user}
   * @param liked texts to stand for others
   */
  Dimension(
      String name, Letters letters, Expression shape, List<String> liked, boolean mayBeAbsent) {
    this.name = name;
    this.letters = letters;
    this.shape = shape;
    this.liked = liked;
    this.mayBeAbsent = mayBeAbsent;
  }

  /** A text or none, as far as patterns tell it from others. */
  sealed interface Choice {
    record Absent() implements Choice {}

    record Of(Cell cell) implements Choice {}

    Choice ABSENT = new Absent();

    /** The one that stands for all; empty where there is none. */
    default Optional<String> text() {
      return switch (this) {
        case Absent absent -> Optional.empty();
        case Of(var cell) -> Optional.of(cell.text());
      };
    }
  }

  String name() {
    return name;
  }

  /** The number of a pattern, which may be there already. */
  int add(Pattern pattern) {
    for (int i = 0; i < patterns.size(); i++) {
      if (pattern.expression().isPresent()
          && patterns.get(i).expression().equals(pattern.expression())) {
        return i;
      }
    }
    if (!choices.isEmpty()) {
      throw new IllegalStateException(name + ": patterns come before choices");
    }
    patterns.add(pattern);
    return patterns.size() - 1;
  }

  /** Every way to meet some patterns and not others. */
  List<Choice> choices() {
    if (choices.isEmpty()) {
      Cells cells = Cells.of(patterns, letters, shape, liked);
      List<Choice> all = new ArrayList<>();
      if (mayBeAbsent) {
        all.add(Choice.ABSENT);
      }
      cells.cells().forEach(cell -> all.add(new Choice.Of(cell)));
      choices = all;
      whole = cells.whole();
    }
    return choices;
  }

  /** Nothing was left out of the {@link #choices}. */
  boolean isWhole() {
    return whole;
  }
}
