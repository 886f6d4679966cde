import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The latency of each second of a patch, as SVG: p50 and p99, and what was going on. */
final class Plot {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 320;
  private static final int LEFT = 60;
  private static final int TOP = 50;
  private static final int BOTTOM = 40;

  private Plot() {}

  /** Something begins. */
  record Mark(long atMillis, String what) {}

  static String of(List<Load.Sample> samples, long from, long until, List<Mark> marks) {
    int seconds = (int) ((until - from) / 1000);
    List<double[]> middle = new ArrayList<>();
    List<double[]> worst = new ArrayList<>();
    double most = 10;
    for (int second = 0; second < seconds; second++) {
      long begin = from + second * 1000L;
      long[] sorted =
          samples.stream()
              .filter(s -> s.atMillis() >= begin && s.atMillis() < begin + 1000)
              .mapToLong(Load.Sample::micros)
              .sorted()
              .toArray();
      if (sorted.length > 0) {
        middle.add(new double[] {second, sorted[sorted.length / 2] / 1e3});
        double high = sorted[(int) Math.min(sorted.length - 1, sorted.length * 0.99)] / 1e3;
        worst.add(new double[] {second, high});
        most = Math.max(most, high);
      }
    }
    double top = Math.pow(10, Math.ceil(Math.log10(most)));
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
                + " font-size=\"11\">\n<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
            WIDTH,
            HEIGHT,
            WIDTH,
            HEIGHT));
    for (double line = 1; line <= top; line *= 10) {
      double y = y(line, top);
      svg.append(
          String.format(
              Locale.ROOT,
              "<path d=\"M%d %.1fH%d\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%.1f\""
                  + " text-anchor=\"end\" fill=\"#333\">%.0f ms</text>\n",
              LEFT,
              y,
              WIDTH - 10,
              LEFT - 6,
              y + 4,
              line));
    }
    int lane = 0;
    for (Mark mark : marks) {
      if (mark.atMillis >= from && mark.atMillis < until) {
        double x = x((mark.atMillis - from) / 1e3, seconds);
        svg.append(
            String.format(
                Locale.ROOT,
                "<path d=\"M%.1f %dV%d\" stroke=\"#bbb\" stroke-dasharray=\"3 3\"/><text x=\"%.1f\""
                    + " y=\"%d\" text-anchor=\"%s\" fill=\"#555\">%s</text>\n",
                x,
                TOP - 4,
                HEIGHT - BOTTOM,
                x + (x > WIDTH - 150 ? -3 : 3),
                14 + 12 * (lane++ % 3),
                x > WIDTH - 150 ? "end" : "start",
                mark.what));
      }
    }
    svg.append(line(worst, seconds, top, "#c0392b")).append(line(middle, seconds, top, "#2c6fbb"));
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%d\" y=\"%d\" fill=\"#333\">seconds; each point is a second of requests:"
                + " <tspan fill=\"#2c6fbb\">p50</tspan>, <tspan fill=\"#c0392b\">p99</tspan></text>\n",
            LEFT,
            HEIGHT - 8));
    for (int second = 0; second <= seconds; second += Math.max(10, seconds / 100 * 10)) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#333\">%d</text>\n",
              x(second, seconds),
              HEIGHT - BOTTOM + 14,
              second));
    }
    return svg.append("</svg>\n").toString();
  }

  private static String line(List<double[]> points, int seconds, double top, String colour) {
    StringBuilder path = new StringBuilder();
    for (double[] point : points) {
      path.append(path.isEmpty() ? 'M' : 'L')
          .append(String.format(Locale.ROOT, "%.1f %.1f", x(point[0], seconds), y(point[1], top)));
    }
    return "<path d=\""
        + path
        + "\" fill=\"none\" stroke=\""
        + colour
        + "\" stroke-width=\"1.5\"/>\n";
  }

  private static double x(double second, int seconds) {
    return LEFT + second / Math.max(1, seconds) * (WIDTH - LEFT - 10);
  }

  private static double y(double millis, double top) {
    double share = Math.log10(Math.max(0.5, millis) / 0.5) / Math.log10(top / 0.5);
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
  }
}
