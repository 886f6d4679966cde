package dev.meshctl.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.telemetry.EdgeKey;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.telemetry.EdgeSample.ResponseCount;
import dev.meshctl.model.telemetry.LatencyHistogram;
import dev.meshctl.model.telemetry.TelemetryReport;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class EdgeWindowsTest {
  private long nowMillis = 1_000_000_000L;
  private final EdgeWindows windows =
      new EdgeWindows(() -> Instant.ofEpochMilli(nowMillis), Duration.ofSeconds(60), 3);

  private static EdgeSample sample(String service, int code, long count, long micros) {
    LatencyHistogram latency = new LatencyHistogram();
    for (int i = 0; i < count; i++) {
      latency.record(micros);
    }
    return new EdgeSample(
        new EdgeKey(
            new WorkloadRef("web", "default", "web", "v1"),
            service,
            WorkloadRef.UNKNOWN,
            EdgeKey.Protocol.HTTP1,
            true,
            ""),
        List.of(new ResponseCount(code, -1, "", count)),
        10 * count,
        100 * count,
        latency.drain());
  }

  private void report(long endMillis, EdgeSample... samples) {
    windows.add(
        new TelemetryReport("p", endMillis - 1000, Duration.ofSeconds(1), List.of(samples)));
  }

  @Test
  void reports_of_one_edge_add_up_over_proxies_and_seconds() {
    report(nowMillis, sample("a", 200, 5, 1000));
    report(nowMillis, sample("a", 200, 2, 3000), sample("a", 503, 1, 10));
    nowMillis += 1000;
    report(nowMillis, sample("a", 200, 3, 1000));

    List<EdgeSample> last = windows.last(Duration.ofSeconds(2));

    assertThat(last).hasSize(1);
    assertThat(last.getFirst().requests()).isEqualTo(11);
    assertThat(last.getFirst().errors()).isEqualTo(1);
    assertThat(last.getFirst().requestBytes()).isEqualTo(110);
    assertThat(last.getFirst().latency().total()).isEqualTo(11);
    assertThat(windows.last(Duration.ofSeconds(1)).getFirst().requests()).isEqualTo(3);
  }

  @Test
  void what_is_older_than_the_window_is_not_counted_and_the_ring_forgets() {
    report(nowMillis, sample("a", 200, 5, 1000));

    nowMillis += 10_000;
    assertThat(windows.last(Duration.ofSeconds(10))).isEmpty();
    assertThat(windows.last(Duration.ofSeconds(11))).hasSize(1);
    nowMillis += 50_000;
    report(nowMillis, sample("b", 200, 1, 1000));
    assertThat(windows.last(Duration.ofSeconds(60)))
        .extracting(s -> s.key().destinationService())
        .containsExactly("b");
  }

  @Test
  void a_report_of_another_time_counts_in_the_nearest_second_there_is() {
    report(nowMillis + 3_600_000, sample("future", 200, 1, 1));
    report(nowMillis - 3_600_000, sample("past", 200, 1, 1));

    assertThat(windows.last(Duration.ofSeconds(1)))
        .extracting(s -> s.key().destinationService())
        .containsExactly("future");
    assertThat(windows.last(Duration.ofSeconds(60))).hasSize(2);
  }

  @Test
  void new_edges_beyond_the_bound_are_dropped_and_counted_while_known_ones_go_on() {
    report(nowMillis, sample("a", 200, 1, 1), sample("b", 200, 1, 1), sample("c", 200, 1, 1));
    report(nowMillis, sample("d", 200, 1, 1), sample("a", 200, 1, 1));

    assertThat(windows.last(Duration.ofSeconds(1))).hasSize(3);
    assertThat(windows.dropped()).isEqualTo(1);
  }
}
