package dev.meshctl.model.topology.render;

import java.util.Locale;

/** Writes SVG elements; escapes every text. Numbers have one decimal, so files diff well. */
final class Svg {
  /** Colours as variables, so that one media query turns the lights off. */
  private static final String STYLE =
      """
      :root{--bg:#ffffff;--ink:#1f2328;--soft:#59636e;--line:#d1d9e0;--box:#f6f8fa;\
      --card:#ffffff;--ok:#2f81c7;--warn:#bf8700;--bad:#cf222e;--idle:#a8b1bb;--odd:#8250df;\
      --accent:#0f766e;--bar:#dce3ea}
      @media(prefers-color-scheme:dark){:root{--bg:#0d1117;--ink:#e6edf3;--soft:#9198a1;\
      --line:#30363d;--box:#131a23;--card:#1c2430;--ok:#58a6ff;--warn:#d29922;--bad:#f85149;\
      --idle:#4b5563;--odd:#bc8cff;--accent:#2dd4bf;--bar:#2b3543}}
      text{font-family:-apple-system,"Segoe UI",Inter,Roboto,"Helvetica Neue",Arial,sans-serif;\
      fill:var(--ink)}
      .bg{fill:var(--bg)}.title{font-size:18px;font-weight:650}.sum{font-size:13px;fill:var(--soft)}
      .rule{stroke:var(--line);stroke-width:1}.legend{font-size:11px;fill:var(--soft)}
      .box{fill:var(--box);stroke:var(--line)}
      .app{font-size:12px;font-weight:650}.ns{font-size:11px;fill:var(--soft)}
      .card{fill:var(--card);stroke:var(--line)}.short{stroke:var(--bad)}
      .service{fill:var(--card);stroke:var(--accent);stroke-width:1.4}
      .gateway{fill:var(--accent);stroke:none}.ongw{fill:var(--bg);font-size:12px;font-weight:650}
      .ongws{fill:var(--bg);font-size:11px;opacity:.85}
      .out{fill:none;stroke:var(--soft);stroke-dasharray:4 3}
      .name{font-size:12px;font-weight:600}.fig{font-size:11px;fill:var(--soft)}
      .badge{fill:var(--accent);opacity:.14}.ver{font-size:11px;font-weight:650;fill:var(--accent)}
      .up{fill:var(--accent)}.down{fill:none;stroke:var(--bad);stroke-width:1.3}
      .edge{fill:none;stroke-width:1.6;stroke-linejoin:round}
      .ok{stroke:var(--ok)}.warn{stroke:var(--warn)}.bad{stroke:var(--bad)}
      .idle{stroke:var(--idle);stroke-dasharray:5 4}.odd{stroke:var(--odd);stroke-dasharray:2 3}
      .tip{stroke:none;stroke-dasharray:none}.tip.ok{fill:var(--ok)}.tip.warn{fill:var(--warn)}
      .tip.bad{fill:var(--bad)}.tip.idle{fill:var(--idle)}.tip.odd{fill:var(--odd)}
      .chip{fill:var(--bg);stroke:var(--line)}.el{font-size:11px;font-weight:600}
      .es{font-size:10px;fill:var(--soft)}.err{font-size:10px;font-weight:650;fill:var(--bad)}
      .lock{fill:var(--accent)}.shackle{fill:none;stroke:var(--accent);stroke-width:1.3}
      .open{stroke:var(--warn)}.openfill{fill:var(--warn)}
      .bar{fill:var(--bar)}.barfill{fill:var(--ok)}.mark{stroke:var(--ink);stroke-width:1.6}
      """;

  private final StringBuilder out = new StringBuilder(8192);

  void open(double width, double height, String description) {
    add("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %s %s\"", width, height);
    add(" width=\"%s\" height=\"%s\" role=\"img\" aria-label=\"", width, height);
    out.append(escaped(description)).append("\">\n<style>\n").append(STYLE).append("</style>\n");
    rect("bg", 0, 0, width, height, 0);
  }

  String close() {
    return out.append("</svg>\n").toString();
  }

  void group(String transform, double x, double y) {
    out.append("<g transform=\"");
    add(transform, x, y);
    out.append("\">\n");
  }

  /** A group with a tooltip. */
  void explained(String words) {
    out.append("<g><title>").append(escaped(words)).append("</title>\n");
  }

  void end() {
    out.append("</g>\n");
  }

  void rect(String kind, double x, double y, double width, double height, double radius) {
    out.append("<rect class=\"").append(kind);
    add("\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"", x, y, width, height);
    add(" rx=\"%s\"/>\n", radius);
  }

  void line(String kind, double fromX, double fromY, double toX, double toY) {
    out.append("<line class=\"").append(kind);
    add("\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>\n", fromX, fromY, toX, toY);
  }

  void circle(String kind, double x, double y, double radius) {
    out.append("<circle class=\"").append(kind);
    add("\" cx=\"%s\" cy=\"%s\" r=\"%s\"/>\n", x, y, radius);
  }

  /**
   * @param width of the stroke, 0 for that of its class
   */
  void path(String kind, String data, double width) {
    out.append("<path class=\"").append(kind).append("\" d=\"").append(data).append('"');
    if (width > 0) {
      add(" style=\"stroke-width:%s\"", width);
    }
    out.append("/>\n");
  }

  void text(String kind, double x, double y, String anchor, String words) {
    out.append("<text class=\"").append(kind);
    add("\" x=\"%s\" y=\"%s\"", x, y);
    out.append(" text-anchor=\"").append(anchor).append("\">");
    out.append(escaped(words)).append("</text>\n");
  }

  static String number(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  private void add(String template, double... values) {
    int next = 0;
    int from = 0;
    for (int at = template.indexOf("%s"); at >= 0; at = template.indexOf("%s", from)) {
      out.append(template, from, at).append(number(values[next++]));
      from = at + 2;
    }
    out.append(template, from, template.length());
  }

  static String escaped(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '<' -> safe.append("&lt;");
        case '>' -> safe.append("&gt;");
        case '&' -> safe.append("&amp;");
        case '"' -> safe.append("&quot;");
        default -> safe.append(c < ' ' ? ' ' : c);
      }
    }
    return safe.toString();
  }
}
