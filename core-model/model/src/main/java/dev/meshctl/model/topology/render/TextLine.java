package dev.meshctl.model.topology.render;

/** One line of a terminal under way: knows how wide it looks, whatever its colours cost. */
final class TextLine {
  /** SGR codes (ECMA-48). */
  enum Tint {
    PLAIN(""),
    BOLD("1"),
    DIM("2"),
    RED("1;31"),
    GREEN("32"),
    YELLOW("33"),
    CYAN("36"),
    HEADING("1;36");

    private final String code;

    Tint(String code) {
      this.code = code;
    }
  }

  private final StringBuilder text = new StringBuilder();
  private final int columns;
  private final boolean color;
  private int width;

  TextLine(int columns, boolean color) {
    this.columns = columns;
    this.color = color;
  }

  /** Cuts what does not fit into the line. */
  TextLine add(Tint tint, String words) {
    return add(tint, words, columns);
  }

  /** Cuts what goes beyond column {@code end}. */
  TextLine add(Tint tint, String words, int end) {
    int room = Math.min(end, columns) - width;
    if (room <= 0 || words.isEmpty()) {
      return this;
    }
    String shown = words.length() <= room ? words : words.substring(0, room - 1) + "…";
    if (color && tint != Tint.PLAIN) {
      text.append("\u001b[").append(tint.code).append('m').append(shown).append("\u001b[0m");
    } else {
      text.append(shown);
    }
    width += shown.length();
    return this;
  }

  /** Blanks up to column {@code to}. */
  TextLine to(int to) {
    while (width < to && width < columns) {
      text.append(' ');
      width++;
    }
    return this;
  }

  /** Words that end before column {@code end}. */
  TextLine right(Tint tint, String words, int end) {
    to(end - words.length());
    return add(tint, words);
  }

  int room(int end) {
    return end - width;
  }

  void endTo(StringBuilder out) {
    out.append(text.toString().stripTrailing()).append('\n');
  }
}
