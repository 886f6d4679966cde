package dev.meshctl.controlplane.serve.protocol;

import dev.meshctl.model.query.ResourceStatus;
import dev.meshctl.model.query.ResourceStatus.State;
import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.ResourceType;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one resource and one proxy, in whichever variant they speak; null where there is
 * no version.
 *
 * @param wanted what the snapshot has
 * @param sent last, whether acknowledged or not
 * @param acked last
 * @param refused last, while the snapshot still has it
 */
record ResourceStanding(
    @Nullable EncodedResource wanted,
    @Nullable String sent,
    @Nullable String acked,
    @Nullable String refused) {

  /**
   * @param reason of refusals of the type
   */
  ResourceStatus status(ResourceType type, String name, String reason) {
    return new ResourceStatus(
        type.name(),
        name,
        state(),
        wanted == null ? "" : wanted.version(),
        text(sent),
        text(acked),
        text(refused),
        refused == null ? "" : reason);
  }

  private State state() {
    if (wanted == null) {
      return State.LEAVING;
    }
    if (wanted.version().equals(refused)) {
      return State.REFUSED;
    }
    if (wanted.version().equals(acked)) {
      return State.SYNCED;
    }
    return wanted.version().equals(sent) ? State.SENT : State.WAITING;
  }

  private static String text(@Nullable String version) {
    return version == null ? "" : version;
  }
}
