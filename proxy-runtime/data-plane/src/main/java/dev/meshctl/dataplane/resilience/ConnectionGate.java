package dev.meshctl.dataplane.resilience;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts connections up to a limit, all loops together: the kernel does not share them out evenly,
 * so that a limit a loop would refuse some while others have room.
 *
 * <p>Thread: any. Touched when connections open and close, never by requests.
 */
public final class ConnectionGate {
  private final AtomicLong inside = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private volatile long most;

  /**
   * @param most at a time; {@link Long#MAX_VALUE} is without limit
   */
  public ConnectionGate(long most) {
    this.most = most;
  }

  /** Another limit; who is inside stays. */
  public void limit(long newMost) {
    most = newMost;
  }

  /** Takes a place; false where there is none. Each place that was taken is {@link #leave left}. */
  public boolean enter() {
    long now = inside.incrementAndGet();
    if (now > most) {
      inside.decrementAndGet();
      refused.incrementAndGet();
      return false;
    }
    return true;
  }

  public void leave() {
    inside.decrementAndGet();
  }

  public long inside() {
    return inside.get();
  }

  public long refused() {
    return refused.get();
  }
}
