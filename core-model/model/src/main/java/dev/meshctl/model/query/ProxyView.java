package dev.meshctl.model.query;

import java.util.List;

/**
 * One connected proxy ({@code GET /api/v1/proxies}).
 *
 * @param state {@code SYNCED} when the newest version of each type is acknowledged, {@code STALE}
 *     while an answer is awaited, {@code REJECTED} after a NACK, {@code DISCONNECTED}
 */
public record ProxyView(
    String id,
    String role,
    String namespace,
    String workload,
    String instance,
    String identity,
    State state,
    long connectedSinceEpochMillis,
    long generation,
    List<TypeStatus> types) {
  public ProxyView {
    types = List.copyOf(types);
  }

  public enum State {
    SYNCED,
    STALE,
    REJECTED,
    DISCONNECTED
  }

  /**
   * @param sentGeneration of the mesh that the last response of this type carried
   * @param error of the last NACK, empty where none is in force
   * @param tookMillis from sending the last response that was answered to its answer; -1 before any
   */
  public record TypeStatus(
      String type,
      int resources,
      long sentGeneration,
      long ackedGeneration,
      String error,
      long tookMillis) {
    /** Before any answer. */
    public TypeStatus(
        String type, int resources, long sentGeneration, long ackedGeneration, String error) {
      this(type, resources, sentGeneration, ackedGeneration, error, -1);
    }
  }
}
