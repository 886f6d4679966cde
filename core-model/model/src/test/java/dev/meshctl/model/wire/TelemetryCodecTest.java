package dev.meshctl.model.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.meshctl.model.telemetry.EdgeKey;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.telemetry.EdgeSample.ResponseCount;
import dev.meshctl.model.telemetry.LatencyHistogram;
import dev.meshctl.model.telemetry.TelemetryReport;
import dev.meshctl.model.wire.telemetry.Report;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TelemetryCodecTest {

  private static TelemetryReport report(EdgeKey.Protocol protocol) {
    LatencyHistogram histogram = new LatencyHistogram();
    histogram.record(7);
    histogram.record(1_000_000);
    return new TelemetryReport(
        "sidecar~1",
        1_700_000_000_123L,
        Duration.ofMillis(998),
        List.of(
            new EdgeSample(
                new EdgeKey(
                    new WorkloadRef("a", "n", "app", "v1"),
                    "b.n.svc.cluster.local",
                    new WorkloadRef("b", "n", "b", "v2"),
                    protocol,
                    true,
                    "route"),
                List.of(new ResponseCount(200, 0, "", 1), new ResponseCount(0, -1, "UF", 1)),
                Long.MAX_VALUE,
                3,
                histogram.drain())));
  }

  @ParameterizedTest
  @EnumSource(EdgeKey.Protocol.class)
  void what_is_encoded_decodes_to_itself(EdgeKey.Protocol protocol) {
    TelemetryReport decoded = TelemetryCodec.decode(TelemetryCodec.encode(report(protocol)));

    assertThat(decoded).usingRecursiveComparison().isEqualTo(report(protocol));
  }

  @Test
  void buckets_without_counts_are_refused() {
    Report.Builder broken = TelemetryCodec.encode(report(EdgeKey.Protocol.HTTP1)).toBuilder();
    broken.getEdgesBuilder(0).addLatencyBuckets(470);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> TelemetryCodec.decode(broken.build()))
        .withMessage("latency_counts: 2 (expected: 3, as buckets)");
  }

  @Test
  void a_bucket_beyond_the_histogram_is_refused() {
    Report.Builder broken = TelemetryCodec.encode(report(EdgeKey.Protocol.TCP)).toBuilder();
    broken.getEdgesBuilder(0).addLatencyBuckets(LatencyHistogram.BUCKETS).addLatencyCounts(1);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> TelemetryCodec.decode(broken.build()))
        .withMessageStartingWith("latency_buckets[2]: " + LatencyHistogram.BUCKETS);
  }
}
