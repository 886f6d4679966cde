package dev.meshctl.dataplane.http;

/**
 * A client's connection as the listener keeps it.
 *
 * <p>Thread: the loop of the connection.
 */
public interface ServerConnection {
  /** Takes no new request; closes once those under way have ended. */
  void drain();

  /** Ends whatever has waited too long at {@code nowNanos}. */
  void sweep(long nowNanos);

  void closeNow();
}
