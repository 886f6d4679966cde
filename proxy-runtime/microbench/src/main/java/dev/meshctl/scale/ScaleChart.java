package dev.meshctl.scale;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Rows of a run as curves over the number of proxies, both axes logarithmic. */
final class ScaleChart {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 380;
  private static final int LEFT = 70;
  private static final int RIGHT = 190;
  private static final int TOP = 24;
  private static final int BOTTOM = 48;
  private static final double LEAST_MILLIS = 50;
  private static final double MOST_MILLIS = 5000;

  /** What is drawn: the key of a row, how it is called, and how its line looks. */
  private record Curve(String key, String title, String colour, String dash) {}

  private static final List<Curve> CURVES =
      List.of(
          new Curve("endpointChangeToLastAckP50Ms", "endpoint, p50", "#2563eb", ""),
          new Curve("endpointChangeToLastAckP99Ms", "endpoint, p99", "#2563eb", "5 4"),
          new Curve("routeChangeToLastAckP50Ms", "route, p50", "#c2410c", ""),
          new Curve("routeChangeToLastAckP99Ms", "route, p99", "#c2410c", "5 4"),
          new Curve("policyChangeToLastAckP99Ms", "policy, p99", "#15803d", "5 4"));

  private final List<Map<String, Object>> rows;
  private final StringBuilder svg = new StringBuilder();

  private ScaleChart(List<Map<String, Object>> rows) {
    this.rows = rows;
  }

  static String svg(List<Map<String, Object>> rows) {
    ScaleChart chart = new ScaleChart(rows);
    chart.draw();
    return chart.svg.toString();
  }

  private void draw() {
    line(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' font-family='sans-serif'"
            + " font-size='12'>",
        WIDTH, HEIGHT);
    line("<rect width='%d' height='%d' fill='white'/>", WIDTH, HEIGHT);
    for (double millis : new double[] {50, 100, 200, 500, 1000, 2000, 5000}) {
      line(
          "<line x1='%d' y1='%.1f' x2='%d' y2='%.1f' stroke='#e5e7eb'/>",
          LEFT, y(millis), WIDTH - RIGHT, y(millis));
      line(
          "<text x='%d' y='%.1f' text-anchor='end'>%.0f ms</text>",
          LEFT - 6, y(millis) + 4, millis);
    }
    for (Map<String, Object> row : rows) {
      double proxies = number(row, "proxies");
      line(
          "<text x='%.1f' y='%d' text-anchor='middle'>%,.0f</text>",
          x(proxies), HEIGHT - BOTTOM + 18, proxies);
    }
    line(
        "<text x='%d' y='%d' text-anchor='middle'>proxies</text>",
        (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8);
    line("<text x='%d' y='14'>from a change to the last acknowledgement</text>", LEFT);
    for (int i = 0; i < CURVES.size(); i++) {
      draw(CURVES.get(i), TOP + 12 + 18 * i);
    }
    line("</svg>");
  }

  private void draw(Curve curve, int legend) {
    StringBuilder points = new StringBuilder();
    for (Map<String, Object> row : rows) {
      double at = x(number(row, "proxies"));
      double value = y(number(row, curve.key));
      points.append(String.format(Locale.ROOT, "%.1f,%.1f ", at, value));
      line("<circle cx='%.1f' cy='%.1f' r='3' fill='%s'/>", at, value, curve.colour);
    }
    line(
        "<polyline points='%s' fill='none' stroke='%s' stroke-width='2' stroke-dasharray='%s'/>",
        points.toString().strip(), curve.colour, curve.dash);
    int from = WIDTH - RIGHT + 12;
    line(
        "<line x1='%d' y1='%d' x2='%d' y2='%d' stroke='%s' stroke-width='2' stroke-dasharray='%s'/>",
        from, legend - 4, from + 22, legend - 4, curve.colour, curve.dash);
    line("<text x='%d' y='%d'>%s</text>", from + 28, legend, curve.title);
  }

  private double x(double proxies) {
    double least = Math.log(number(rows.getFirst(), "proxies"));
    double most = Math.log(number(rows.getLast(), "proxies"));
    double share = most == least ? 0.5 : (Math.log(proxies) - least) / (most - least);
    return LEFT + 20 + share * (WIDTH - LEFT - RIGHT - 40);
  }

  private static double y(double millis) {
    double kept = Math.clamp(millis, LEAST_MILLIS, MOST_MILLIS);
    double share = Math.log(kept / LEAST_MILLIS) / Math.log(MOST_MILLIS / LEAST_MILLIS);
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
  }

  private static double number(Map<String, Object> row, String key) {
    return row.get(key) instanceof Number number ? number.doubleValue() : 0;
  }

  private void line(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
