package dev.meshctl.model.wire;

import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.patch.RuntimeReport.Stage;
import java.time.Duration;

/**
 * {@link RuntimeReport} to and from its message.
 *
 * <p>Threads: pure functions.
 */
public final class RuntimeReportCodec {
  private RuntimeReportCodec() {}

  public static dev.meshctl.model.wire.runtime.RuntimeReport encode(RuntimeReport report) {
    var message =
        dev.meshctl.model.wire.runtime.RuntimeReport.newBuilder()
            .setProxyId(report.proxyId())
            .setGeneration(report.generation())
            .setStage(stage(report.stage()))
            .setRunningVersion(report.runningVersion())
            .setRunningDigest(report.runningDigest())
            .setReason(report.reason())
            .setOverlapBytes(report.overlapBytes())
            .setTook(Packing.duration(report.took()));
    if (report.roomBytes() >= 0) {
      message.setRoomBytes(report.roomBytes());
    }
    return message.build();
  }

  /**
   * @throws IllegalArgumentException where it says no stage that is known
   */
  public static RuntimeReport decode(dev.meshctl.model.wire.runtime.RuntimeReport message) {
    return new RuntimeReport(
        message.getProxyId(),
        message.getGeneration(),
        stage(message.getStage()),
        message.getRunningVersion(),
        message.getRunningDigest(),
        message.getReason(),
        message.getOverlapBytes(),
        Duration.ofSeconds(message.getTook().getSeconds(), message.getTook().getNanos()),
        message.hasRoomBytes() ? message.getRoomBytes() : RuntimeReport.UNLIMITED);
  }

  private static dev.meshctl.model.wire.runtime.Stage stage(Stage stage) {
    return switch (stage) {
      case RUNNING -> dev.meshctl.model.wire.runtime.Stage.RUNNING;
      case FETCHING -> dev.meshctl.model.wire.runtime.Stage.FETCHING;
      case VERIFYING -> dev.meshctl.model.wire.runtime.Stage.VERIFYING;
      case UNPACKING -> dev.meshctl.model.wire.runtime.Stage.UNPACKING;
      case STARTING -> dev.meshctl.model.wire.runtime.Stage.STARTING;
      case HANDING_OVER -> dev.meshctl.model.wire.runtime.Stage.HANDING_OVER;
      case WATCHING -> dev.meshctl.model.wire.runtime.Stage.WATCHING;
      case DONE -> dev.meshctl.model.wire.runtime.Stage.DONE;
      case FAILED -> dev.meshctl.model.wire.runtime.Stage.FAILED;
      case ROLLED_BACK -> dev.meshctl.model.wire.runtime.Stage.ROLLED_BACK;
    };
  }

  private static Stage stage(dev.meshctl.model.wire.runtime.Stage stage) {
    return switch (stage) {
      case RUNNING -> Stage.RUNNING;
      case FETCHING -> Stage.FETCHING;
      case VERIFYING -> Stage.VERIFYING;
      case UNPACKING -> Stage.UNPACKING;
      case STARTING -> Stage.STARTING;
      case HANDING_OVER -> Stage.HANDING_OVER;
      case WATCHING -> Stage.WATCHING;
      case DONE -> Stage.DONE;
      case FAILED -> Stage.FAILED;
      case ROLLED_BACK -> Stage.ROLLED_BACK;
      case STAGE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("stage: " + stage + " (expected: one that is known)");
    };
  }
}
