package dev.meshctl.dataplane.upstream;

import dev.meshctl.dataplane.http.UpstreamStream;

/**
 * Connections of one loop to one endpoint, and the exchanges that wait for one.
 *
 * <p>Thread: confined to its loop.
 */
public interface StreamPool {

  /** Wants one stream. Told at most one of {@code ready} and {@code failed}. */
  interface Waiter extends UpstreamStream.Listener {
    /** Not wanted any more: it is skipped. */
    boolean cancelled();

    /** Asks to leave HTTP: over HTTP/2 only a host that takes extended CONNECT will do. */
    default boolean upgrades() {
      return false;
    }

    void ready(UpstreamStream stream);

    void failed(ConnectFailure reason);
  }

  /** Gives {@code waiter} a stream, now or when a connection can carry it. */
  void acquire(Waiter waiter);

  /** Closes connections without exchange since before {@code beforeNanos}. */
  void closeIdle(long beforeNanos);

  /** No new exchange comes here: closes what is idle, and the rest as it becomes so. */
  void retire();

  /** Exchanges that wait for a connection. */
  int waiting();

  /** Open or opening. */
  int connections();
}
