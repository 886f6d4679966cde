package dev.meshctl.net.retry;

import java.time.Duration;

/** Waits: {@code Thread::sleep} in a process, a recording fake in a test. */
@FunctionalInterface
public interface Pause {
  /** Blocks the calling thread for {@code length}. */
  void pause(Duration length) throws InterruptedException;
}
