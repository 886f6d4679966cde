package dev.meshctl.dataplane.resilience;

/**
 * What a pool of connections asks before it opens one, and before somebody waits for one. Each
 * {@code try…} that says yes is given back once by its counterpart.
 *
 * <p>Thread: one event loop.
 */
public interface ConnectionAllowance {
  boolean tryConnection();

  /** A host always gets one connection, or whoever waits for it would wait for ever. */
  void connectionAnyway();

  void connectionClosed();

  /** For a request that waits for a connection. */
  boolean tryPending();

  void pendingEnded();

  /** No request more may wait for a connection now. */
  boolean pendingOpen();
}
