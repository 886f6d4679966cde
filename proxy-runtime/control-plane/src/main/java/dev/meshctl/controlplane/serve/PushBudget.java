package dev.meshctl.controlplane.serve;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Bytes that were sent to proxies and not yet acknowledged, of all of them together: whoever would
 * send more waits until some are, so that a change that concerns everybody does not have to fit
 * into memory for everybody at once.
 *
 * <p>Bytes of a proxy that does not answer count for a while only: a few that never do must not
 * stop the others.
 *
 * <p>Thread: any.
 */
final class PushBudget {
  private static final long LOOK_MILLIS = 100;

  private final long limitBytes;
  private final long patienceNanos;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition given = lock.newCondition();
  private final Deque<Share> inOrder = new ArrayDeque<>();
  private long takenBytes;

  PushBudget(long limitBytes, Duration patience, LongSupplier nanoTime) {
    this.limitBytes = limitBytes;
    this.patienceNanos = patience.toNanos();
    this.nanoTime = nanoTime;
  }

  /** Bytes on their way; {@link #give} them back once. */
  static final class Share {
    private final long bytes;
    private final long sinceNanos;
    private boolean back;

    private Share(long bytes, long sinceNanos) {
      this.bytes = bytes;
      this.sinceNanos = sinceNanos;
    }
  }

  /** Waits until there is room, for whatever size comes next. */
  void await() throws InterruptedException {
    lock.lock();
    try {
      while (!hasRoom()) {
        given.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether {@link #await} would not wait. */
  boolean hasRoom() {
    lock.lock();
    try {
      forgetOld();
      return takenBytes < limitBytes;
    } finally {
      lock.unlock();
    }
  }

  Share take(long bytes) {
    lock.lock();
    try {
      forgetOld();
      Share share = new Share(bytes, nanoTime.getAsLong());
      takenBytes += bytes;
      inOrder.add(share);
      return share;
    } finally {
      lock.unlock();
    }
  }

  void give(Share share) {
    lock.lock();
    try {
      settle(share);
      given.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Those at the front that are back, or were away too long: else a mesh at rest would keep all.
   */
  private void forgetOld() {
    long oldest = nanoTime.getAsLong() - patienceNanos;
    for (Share first = inOrder.peek();
        first != null && (first.back || first.sinceNanos - oldest <= 0);
        first = inOrder.peek()) {
      inOrder.remove();
      settle(first);
    }
  }

  /** Shares that are remembered. */
  int remembered() {
    lock.lock();
    try {
      return inOrder.size();
    } finally {
      lock.unlock();
    }
  }

  private void settle(Share share) {
    if (!share.back) {
      share.back = true;
      takenBytes -= share.bytes;
    }
  }
}
