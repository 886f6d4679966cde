package dev.meshctl.dataplane.observe;

import dev.meshctl.model.telemetry.EdgeKey.Protocol;
import dev.meshctl.model.telemetry.LatencyHistogram;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * The standard Istio metrics, summed up since the start.
 *
 * <p>Thread: one at a time.
 */
final class MetricsStore {
  /** Upper bounds of durations in milliseconds, Envoy's. */
  private static final double[] MILLIS = {
    0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000,
    1800000
  };

  /** Smallest and largest power of two that is a bound of sizes. */
  private static final int FIRST_SIZE = 6;

  private static final int LAST_SIZE = 26;

  private final Map<Key, Series> http = new LinkedHashMap<>();
  private final Map<EdgeLabels, Tcp> tcp = new LinkedHashMap<>();

  private record Key(EdgeLabels labels, EdgeDelta.Answer answer) {}

  private static final class Series {
    private final String labels;
    private final long[] millis = new long[MILLIS.length + 1];
    private final SizeHistogram requests = new SizeHistogram();
    private final SizeHistogram responses = new SizeHistogram();
    private long count;
    private long sumMicros;

    private Series(Key key) {
      labels = IstioLabels.http(key.labels(), key.answer());
    }

    private void add(EdgeDelta.Cell cell) {
      count += cell.count();
      sumMicros += cell.latency().sumMicros();
      int[] buckets = cell.latency().buckets();
      for (int i = 0; i < buckets.length; i++) {
        millis[millisBucket(buckets[i])] += cell.latency().counts()[i];
      }
      cell.requestSizes().addTo(requests);
      cell.responseSizes().addTo(responses);
    }

    private static int millisBucket(int bucket) {
      double most = LatencyHistogram.upperBoundMicros(bucket) / 1000.0;
      int at = 0;
      while (at < MILLIS.length && most > MILLIS[at]) {
        at++;
      }
      return at;
    }
  }

  private static final class Tcp {
    private final String labels;
    private long opened;
    private long closed;
    private long received;
    private long sent;

    private Tcp(String labels) {
      this.labels = labels;
    }
  }

  void add(EdgeDelta delta) {
    if (delta.labels().key().protocol() == Protocol.TCP) {
      Tcp sum = tcp.computeIfAbsent(delta.labels(), labels -> new Tcp(IstioLabels.tcp(labels)));
      sum.opened += delta.opened();
      sum.closed += delta.closed();
      sum.received += delta.received();
      sum.sent += delta.sent();
      return;
    }
    for (EdgeDelta.Cell cell : delta.cells()) {
      http.computeIfAbsent(new Key(delta.labels(), cell.answer()), Series::new).add(cell);
    }
  }

  String text(Exposition exposition) {
    StringBuilder out = new StringBuilder(1024 + 4096 * http.size());
    counter(out, exposition, "istio_requests", http, s -> s.labels, s -> s.count);
    durations(out, exposition);
    sizes(out, exposition, "istio_request_bytes", s -> s.requests);
    sizes(out, exposition, "istio_response_bytes", s -> s.responses);
    counter(out, exposition, "istio_tcp_connections_opened", tcp, t -> t.labels, t -> t.opened);
    counter(out, exposition, "istio_tcp_connections_closed", tcp, t -> t.labels, t -> t.closed);
    counter(out, exposition, "istio_tcp_received_bytes", tcp, t -> t.labels, t -> t.received);
    counter(out, exposition, "istio_tcp_sent_bytes", tcp, t -> t.labels, t -> t.sent);
    if (exposition == Exposition.OPENMETRICS) {
      out.append("# EOF\n");
    }
    return out.toString();
  }

  private static <S> void counter(
      StringBuilder out,
      Exposition exposition,
      String name,
      Map<?, S> all,
      Function<S, String> labels,
      ToLongFunction<S> value) {
    String total = name + "_total";
    type(out, exposition == Exposition.OPENMETRICS ? name : total, "counter");
    all.values()
        .forEach(series ->
            out.append(total)
                .append('{')
                .append(labels.apply(series))
                .append("} ")
                .append(value.applyAsLong(series))
                .append('\n'));
  }

  private void durations(StringBuilder out, Exposition exposition) {
    String name = "istio_request_duration_milliseconds";
    type(out, name, "histogram");
    for (Series series : http.values()) {
      long seen = 0;
      for (int i = 0; i < MILLIS.length; i++) {
        seen += series.millis[i];
        bucket(out, name, series.labels, bound(exposition, MILLIS[i]), seen);
      }
      end(out, name, series, Double.toString(series.sumMicros / 1000.0));
    }
  }

  private void sizes(
      StringBuilder out, Exposition exposition, String name, Function<Series, SizeHistogram> of) {
    type(out, name, "histogram");
    for (Series series : http.values()) {
      SizeHistogram sizes = of.apply(series);
      long seen = 0;
      int next = 0;
      for (int power = FIRST_SIZE; power <= LAST_SIZE; power += 2) {
        for (; next <= power; next++) {
          seen += sizes.count(next);
        }
        bucket(out, name, series.labels, bound(exposition, 1L << power), seen);
      }
      end(out, name, series, Long.toString(sizes.sum()));
    }
  }

  /** OpenMetrics wants {@code 1.0}, Prometheus text {@code 1}. */
  private static String bound(Exposition exposition, double bound) {
    boolean whole = bound == Math.rint(bound) && exposition == Exposition.PROMETHEUS;
    return whole
        ? Long.toString((long) bound)
        : java.math.BigDecimal.valueOf(bound).toPlainString();
  }

  private static void type(StringBuilder out, String name, String type) {
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private static void bucket(StringBuilder out, String name, String labels, String le, long count) {
    out.append(name).append("_bucket{").append(labels).append(",le=\"").append(le);
    out.append("\"} ").append(count).append('\n');
  }

  private static void end(StringBuilder out, String name, Series series, String sum) {
    bucket(out, name, series.labels, "+Inf", series.count);
    out.append(name).append("_sum{").append(series.labels).append("} ").append(sum).append('\n');
    out.append(name).append("_count{").append(series.labels).append("} ");
    out.append(series.count).append('\n');
  }
}
