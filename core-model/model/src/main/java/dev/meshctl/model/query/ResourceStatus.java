package dev.meshctl.model.query;

/**
 * How far a proxy followed with one xDS resource ({@code GET /api/v1/proxies/ID/resources}).
 * Versions are hashes of the content; empty where there is none.
 *
 * @param type as in {@link ProxyView.TypeStatus}
 * @param wanted version that the newest configuration has; empty where it has the resource no more
 * @param sent version that was sent last and not refused
 * @param acked version that is in force in the proxy, as far as it told
 * @param refused version of {@code wanted} that it refused; it is not sent again
 * @param reason of the refusal, in the proxy's words
 */
public record ResourceStatus(
    String type,
    String name,
    State state,
    String wanted,
    String sent,
    String acked,
    String refused,
    String reason) {

  /** Where a resource stands. */
  public enum State {
    /** The proxy has what it should have. */
    SYNCED,
    /** Sent, and not answered. */
    SENT,
    /** Due, and not sent: something that it refers to, or another answer, is waited for. */
    WAITING,
    /** The proxy refused it; its last good one stays in force there. */
    REFUSED,
    /** The proxy has it and should not; it is told once nothing refers to it. */
    LEAVING
  }
}
