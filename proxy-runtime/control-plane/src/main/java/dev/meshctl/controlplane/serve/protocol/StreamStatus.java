package dev.meshctl.controlplane.serve.protocol;

import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.query.ProxyView.TypeStatus;
import java.util.List;

/**
 * How far a proxy followed.
 *
 * @param generation that it should have
 * @param rejected a version that the snapshot still holds was refused
 * @param behind something is unsent or unacknowledged, or listeners, which every client needs, were
 *     not yet asked for
 */
public record StreamStatus(
    long generation, boolean rejected, boolean behind, List<TypeStatus> types) {
  /** Of a proxy that has gone. */
  public static final StreamStatus GONE = new StreamStatus(0, false, true, List.of());

  public StreamStatus {
    types = List.copyOf(types);
  }

  /** The three in one word. */
  public ProxyView.State state() {
    if (rejected) {
      return ProxyView.State.REJECTED;
    }
    return behind ? ProxyView.State.STALE : ProxyView.State.SYNCED;
  }

  /** The generation that every type has reached; 0 before any. */
  public long ackedGeneration() {
    return types.stream().mapToLong(TypeStatus::ackedGeneration).min().orElse(0);
  }
}
