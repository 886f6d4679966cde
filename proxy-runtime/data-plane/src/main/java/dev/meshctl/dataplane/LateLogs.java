package dev.meshctl.dataplane;

import dev.meshctl.dataplane.observe.log.AccessLog;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Logs that no listener names any more. Exchanges that began before still write their lines, so
 * they are closed a while later.
 *
 * <p>Thread: any.
 */
final class LateLogs implements AutoCloseable {
  private static final Duration LINGER = Duration.ofSeconds(5);

  private final EventLoop clock;
  private final List<AccessLog> open = new ArrayList<>();

  /**
   * @param clock tells when it is time; it closes nothing itself
   */
  LateLogs(EventLoop clock) {
    this.clock = clock;
  }

  void add(List<AccessLog> unnamed) {
    if (unnamed.isEmpty()) {
      return;
    }
    synchronized (this) {
      open.addAll(unnamed);
    }
    var unused =
        clock.schedule(
            () -> Thread.ofVirtual().name("close-logs").start(() -> close(unnamed)),
            LINGER.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private void close(List<AccessLog> unnamed) {
    unnamed.forEach(AccessLog::close);
    synchronized (this) {
      open.removeAll(unnamed);
    }
  }

  /** All of them, now. */
  @Override
  public synchronized void close() {
    open.forEach(AccessLog::close);
  }
}
