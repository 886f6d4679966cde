package dev.meshctl.cli.render;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Rows under headings, two spaces between columns. Where the screen is narrower than the rows, the
 * widest column that may shrink loses its end to an ellipsis, as often as needed.
 */
public final class Table {
  private static final String GAP = "  ";
  private static final int LEAST_COLUMNS = 8;

  private final List<String> headings;
  private final List<List<Cell>> rows = new ArrayList<>();
  private final Set<Integer> right = new HashSet<>();
  private final Set<Integer> shrinkable = new HashSet<>();

  /** A text, and what it is. */
  public record Cell(String text, Style style) {
    public static Cell of(Style style, String text) {
      return new Cell(text, style);
    }

    /** As it stands on this screen. */
    public String painted(Screen screen) {
      return screen.colour() ? style.paint(text) : text;
    }
  }

  private Table(List<String> headings) {
    this.headings = headings;
  }

  public static Table of(String... headings) {
    return new Table(List.of(headings));
  }

  /** Numbers read best with their ends in line. */
  public Table right(int... columns) {
    Arrays.stream(columns).forEach(right::add);
    return this;
  }

  /** Columns that may lose their ends; the others are always whole. */
  public Table shrinkable(int... columns) {
    Arrays.stream(columns).forEach(shrinkable::add);
    return this;
  }

  /**
   * @param cells {@link Cell}s, or values whose text is shown plainly; as many as there are
   *     headings
   */
  public Table row(Object... cells) {
    if (cells.length != headings.size()) {
      throw new IllegalArgumentException(
          cells.length + " cells (expected: " + headings.size() + ")");
    }
    rows.add(
        Arrays.stream(cells)
            .map(cell -> cell instanceof Cell c ? c : new Cell(String.valueOf(cell), Style.PLAIN))
            .toList());
    return this;
  }

  public boolean isEmpty() {
    return rows.isEmpty();
  }

  public List<String> lines(Screen screen) {
    int[] widths = widths(screen.columns());
    List<String> lines = new ArrayList<>();
    lines.add(line(headings.stream().map(h -> new Cell(h, Style.STRONG)).toList(), widths, screen));
    rows.forEach(row -> lines.add(line(row, widths, screen)));
    return lines;
  }

  private int[] widths(int available) {
    int[] widths = headings.stream().mapToInt(String::length).toArray();
    for (List<Cell> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], length(row.get(i).text()));
      }
    }
    long excess =
        Arrays.stream(widths).sum() + (long) GAP.length() * (widths.length - 1) - available;
    while (excess > 0) {
      int widest = -1;
      for (int i : shrinkable) {
        if (widths[i] > LEAST_COLUMNS && (widest < 0 || widths[i] > widths[widest])) {
          widest = i;
        }
      }
      if (widest < 0) {
        break;
      }
      widths[widest]--;
      excess--;
    }
    return widths;
  }

  private String line(List<Cell> cells, int[] widths, Screen screen) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      Cell cell = cells.get(i);
      String text = cut(cell.text(), widths[i]);
      String padding = " ".repeat(widths[i] - length(text));
      String painted = screen.colour() ? cell.style().paint(text) : text;
      boolean last = i == cells.size() - 1;
      if (right.contains(i)) {
        line.append(padding).append(painted);
      } else {
        line.append(painted).append(last ? "" : padding);
      }
      line.append(last ? "" : GAP);
    }
    return line.toString().stripTrailing();
  }

  private static String cut(String text, int width) {
    if (length(text) <= width) {
      return text;
    }
    return text.substring(0, text.offsetByCodePoints(0, width - 1)) + "…";
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }
}
