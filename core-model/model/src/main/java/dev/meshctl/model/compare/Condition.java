package dev.meshctl.model.compare;

import dev.meshctl.model.compare.Dimension.Choice;

/**
 * One condition on one text.
 *
 * @param pattern number of the pattern in {@code on}
 * @param inverted negates
 * @param whenAbsent what it comes to before {@code inverted}, where there is no text
 */
record Condition(Dimension on, int pattern, boolean inverted, boolean whenAbsent) {
  boolean holds(Choice choice) {
    boolean met =
        switch (choice) {
          case Choice.Absent absent -> whenAbsent;
          case Choice.Of(var cell) -> cell.meets(pattern);
        };
    return met != inverted;
  }
}
