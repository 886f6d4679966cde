package dev.meshctl.dataplane.http;

/**
 * A client's connection as the listener keeps it.
 *
 * <p>Thread: the loop of the connection.
 */
public interface ServerConnection {
  /** Takes no new request; closes once those under way have ended. */
  void drain();

  /**
   * Ends as {@link #drain} does, but slowly enough for what the client has sent already: another
   * process takes its next connection. Where it asks nothing, it is let go once it has been quiet
   * for {@value #QUIET_SECONDS} s.
   */
  default void retire() {
    drain();
  }

  /** Of a client that asks nothing, before a connection in retirement is closed. */
  int QUIET_SECONDS = 5;

  /** Ends whatever has waited too long at {@code nowNanos}. */
  void sweep(long nowNanos);

  void closeNow();
}
