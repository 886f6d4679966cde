package dev.meshctl.controlplane.kubernetes;

import java.time.Duration;

/**
 * A virtual thread that takes a turn when it is woken, and when nobody has woken it for a while.
 * However often it is woken during a turn, that is one turn more. A turn that fails is told in the
 * log, and the next is taken as if it had gone well.
 *
 * <p>Thread: any.
 */
public final class WokenThread implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(WokenThread.class.getName());

  private final Turn turn;
  private final Thread thread;
  private final Object lock = new Object();

  // Under the lock.
  private boolean woken;
  private boolean closed;

  /** Why a turn is taken. */
  public enum Cause {
    WOKEN,
    TIME
  }

  /** What is done; one at a time. */
  @FunctionalInterface
  public interface Turn {
    /** Answers after which time the next is due if nobody wakes the thread. */
    Duration take(Cause cause) throws InterruptedException;
  }

  /**
   * @param first after which time the first turn is due if nobody wakes the thread
   */
  public WokenThread(String name, Duration first, Turn turn) {
    this.turn = turn;
    this.thread = Thread.ofVirtual().name(name).unstarted(() -> run(first));
  }

  /** Once. What was woken before counts. */
  public void start() {
    thread.start();
  }

  public void wake() {
    synchronized (lock) {
      woken = true;
      lock.notifyAll();
    }
  }

  private void run(Duration first) {
    try {
      Duration pause = first;
      while (true) {
        Cause cause;
        synchronized (lock) {
          if (!woken && !closed) {
            lock.wait(pause.toMillis());
          }
          if (closed) {
            return;
          }
          cause = woken ? Cause.WOKEN : Cause.TIME;
          woken = false;
        }
        try {
          pause = turn.take(cause);
        } catch (RuntimeException bug) {
          LOG.log(System.Logger.Level.ERROR, Thread.currentThread().getName() + " failed", bug);
        }
      }
    } catch (InterruptedException end) {
      // close() ends the loop.
    }
  }

  /** Interrupts the turn that is being taken, and waits for nothing. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
    }
    thread.interrupt();
  }
}
