package dev.meshctl.cli.render;

/** What a text is, told by colour where there is one; never by colour alone. */
public enum Style {
  PLAIN(""),
  STRONG("1"),
  QUIET("2"),
  GOOD("32"),
  CAREFUL("33"),
  BAD("31"),
  NAME("36");

  private final String code;

  Style(String code) {
    this.code = code;
  }

  /** The text in this style, as ECMA-48 SGR sequences. */
  String paint(String text) {
    return code.isEmpty() || text.isEmpty() ? text : "\u001b[" + code + "m" + text + "\u001b[0m";
  }
}
