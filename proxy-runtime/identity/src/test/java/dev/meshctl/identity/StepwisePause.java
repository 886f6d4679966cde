package dev.meshctl.identity;

import dev.meshctl.net.retry.Pause;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;

/** Records each wait, and ends it when the test says so. */
final class StepwisePause implements Pause {
  final List<Duration> waits = new CopyOnWriteArrayList<>();
  private final Semaphore steps = new Semaphore(0);

  @Override
  public void pause(Duration length) throws InterruptedException {
    waits.add(length);
    steps.acquire();
  }

  void step() {
    steps.release();
  }
}
