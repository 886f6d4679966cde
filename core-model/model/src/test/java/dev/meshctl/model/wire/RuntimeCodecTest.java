package dev.meshctl.model.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.patch.RuntimeReport.Stage;
import dev.meshctl.model.wire.runtime.RuntimeOrder;
import dev.meshctl.model.xds.ResourceType;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RuntimeCodecTest {

  @ParameterizedTest
  @EnumSource
  void a_report_of_any_stage_reads_as_it_was_written(Stage stage) {
    RuntimeReport report =
        new RuntimeReport(
            "sidecar~1", 7, stage, "1.2", "ab".repeat(32), "why", 4096, Duration.ofMillis(1500));

    for (long room : new long[] {RuntimeReport.UNLIMITED, 0, 90_000_000}) {
      RuntimeReport with = report.withRoom(room);
      assertThat(RuntimeReportCodec.decode(RuntimeReportCodec.encode(with))).isEqualTo(with);
    }
  }

  @Test
  void a_report_without_a_stage_is_refused() {
    var none = dev.meshctl.model.wire.runtime.RuntimeReport.getDefaultInstance();

    assertThatThrownBy(() -> RuntimeReportCodec.decode(none))
        .hasMessage("stage: STAGE_UNSPECIFIED (expected: one that is known)");
  }

  @Test
  void an_order_that_contradicts_itself_is_refused_and_says_why() {
    assertThat(decoded(order().setDigest("../../etc")))
        .isEqualTo(refused("digest: '../../etc' (expected: 64 hexadecimal digits)"));
    assertThat(decoded(order().setGeneration(0)))
        .isEqualTo(refused("generation: 0 (expected: 1 or more)"));
    assertThat(decoded(order().clearReadyLimit()))
        .isEqualTo(refused("ready: PT0S (expected: above 0)"));
    assertThat(decoded(order())).isInstanceOf(Decoded.Accepted.class);
  }

  private static Decoded refused(String reason) {
    return new Decoded.Rejected(dev.meshctl.model.xds.RuntimeOrder.NAME, java.util.List.of(reason));
  }

  private static RuntimeOrder.Builder order() {
    return RuntimeOrder.newBuilder()
        .setGeneration(1)
        .setReadyLimit(com.google.protobuf.Duration.newBuilder().setSeconds(60));
  }

  private static Decoded decoded(RuntimeOrder.Builder order) {
    return XdsCodec.decode(ResourceType.RUNTIME, Any.pack(order.build()));
  }
}
