package dev.meshctl.model.wire;

import dev.meshctl.model.xds.RuntimeOrder;
import dev.meshctl.model.xds.RuntimeOrder.Limits;
import dev.meshctl.model.xds.RuntimeOrder.Target;
import java.time.Duration;

/**
 * {@link RuntimeOrder} to and from our own message, which carries no name: it reads as {@link
 * RuntimeOrder#NAME}.
 */
final class RuntimeOrderCodec {
  /** Stands for what cannot be read while the rest is, so that all reasons are found at once. */
  private static final RuntimeOrder PLACEHOLDER =
      new RuntimeOrder(1, "", new Target.Shipped(""), Limits.DEFAULT);

  private static final KnownFields ORDER =
      KnownFields.of(
          dev.meshctl.model.wire.runtime.RuntimeOrder.getDescriptor(),
          "generation",
          "patch",
          "version",
          "digest",
          "rollback",
          "ready_limit",
          "drain_limit",
          "watch_period");

  private RuntimeOrderCodec() {}

  static dev.meshctl.model.wire.runtime.RuntimeOrder encode(RuntimeOrder order) {
    var message =
        dev.meshctl.model.wire.runtime.RuntimeOrder.newBuilder()
            .setGeneration(order.generation())
            .setPatch(order.patch())
            .setReadyLimit(Packing.duration(order.limits().ready()))
            .setDrainLimit(Packing.duration(order.limits().drain()))
            .setWatchPeriod(Packing.duration(order.limits().watch()));
    switch (order.target()) {
      case Target.Bundle(String version, String digest, boolean rollback) ->
          message.setVersion(version).setDigest(digest).setRollback(rollback);
      case Target.Shipped(String version) -> message.setVersion(version);
    }
    return message.build();
  }

  static RuntimeOrder decode(Reading reading, dev.meshctl.model.wire.runtime.RuntimeOrder message) {
    reading.expect("", message, ORDER);
    Duration ready = reading.duration("ready_limit", message.getReadyLimit());
    Duration drain = reading.duration("drain_limit", message.getDrainLimit());
    Duration watch = reading.duration("watch_period", message.getWatchPeriod());
    try {
      Target target =
          message.getDigest().isEmpty()
              ? new Target.Shipped(message.getVersion())
              : new Target.Bundle(message.getVersion(), message.getDigest(), message.getRollback());
      return new RuntimeOrder(
          message.getGeneration(), message.getPatch(), target, new Limits(ready, drain, watch));
    } catch (IllegalArgumentException contradictory) {
      reading.refuse("", String.valueOf(contradictory.getMessage()));
      return PLACEHOLDER;
    }
  }
}
