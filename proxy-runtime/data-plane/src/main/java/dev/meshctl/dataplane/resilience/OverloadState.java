package dev.meshctl.dataplane.resilience;

import dev.meshctl.model.xds.OverloadConfig;
import dev.meshctl.model.xds.OverloadConfig.Action;
import dev.meshctl.model.xds.OverloadConfig.OverloadReading;

/**
 * How far each action against overload is on, as shares of the cases from 0 to 1.
 *
 * <p>Thread: any; immutable.
 *
 * @param memory in use of what there may be
 */
public record OverloadState(
    double memory,
    double shedRequests,
    double endConnections,
    double refuseConnections,
    boolean acceptNone) {
  public static final OverloadState NONE = new OverloadState(0, 0, 0, 0, false);

  public static OverloadState of(OverloadConfig config, OverloadReading reading) {
    return new OverloadState(
        reading.memory(),
        config.level(Action.STOP_ACCEPTING_REQUESTS, reading),
        config.level(Action.DISABLE_KEEPALIVE, reading),
        config.level(Action.REJECT_CONNECTIONS, reading),
        config.level(Action.STOP_ACCEPTING_CONNECTIONS, reading) >= 1);
  }

  /** Something is done about it. */
  public boolean active() {
    return shedRequests > 0 || endConnections > 0 || refuseConnections > 0 || acceptNone;
  }

  /** Asks the same of everybody; only the reading differs. */
  public boolean sameActions(OverloadState other) {
    return shedRequests == other.shedRequests
        && endConnections == other.endConnections
        && refuseConnections == other.refuseConnections
        && acceptNone == other.acceptNone;
  }
}
