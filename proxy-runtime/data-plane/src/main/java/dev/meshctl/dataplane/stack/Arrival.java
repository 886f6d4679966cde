package dev.meshctl.dataplane.stack;

import dev.meshctl.dataplane.http.ServerConnection;
import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;

/**
 * A connection between its acceptance and its codec: while first bytes are awaited, TLS shakes
 * hands, or HTTP/1 and HTTP/2 are told apart. Nothing is asked on it yet, so draining ends it.
 *
 * <p>Whoever says nothing is let go after {@value #SILENCE_SECONDS} s, or after the idle time of
 * the HTTP chain where that is shorter, so that silent clients cannot pile up.
 *
 * <p>Thread: confined to the loop of the connection.
 */
final class Arrival implements ServerConnection {
  static final int SILENCE_SECONDS = 60;

  private final Channel channel;
  private final String listener;
  private final Runnable timedOut;
  private final long startNanos;
  private long mostNanos = TimeUnit.SECONDS.toNanos(SILENCE_SECONDS);

  /**
   * @param timedOut told when the connection is closed for its silence
   */
  Arrival(Channel channel, String listener, long nowNanos, Runnable timedOut) {
    this.channel = channel;
    this.listener = listener;
    this.startNanos = nowNanos;
    this.timedOut = timedOut;
  }

  String listener() {
    return listener;
  }

  /**
   * Waits no longer than an idle connection may.
   *
   * @param idleNanos 0 is without limit, and changes nothing
   */
  void waitAtMost(long idleNanos) {
    if (idleNanos > 0) {
      mostNanos = Math.min(mostNanos, idleNanos);
    }
  }

  @Override
  public void drain() {
    channel.close();
  }

  /** Nothing is asked yet, but it may be on its way. */
  @Override
  public void retire() {
    waitAtMost(System.nanoTime() - startNanos + TimeUnit.SECONDS.toNanos(QUIET_SECONDS));
  }

  @Override
  public void sweep(long nowNanos) {
    if (nowNanos - startNanos >= mostNanos) {
      timedOut.run();
      channel.close();
    }
  }

  @Override
  public void closeNow() {
    channel.close();
  }
}
