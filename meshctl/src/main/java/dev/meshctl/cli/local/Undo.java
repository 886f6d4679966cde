package dev.meshctl.cli.local;

import java.util.ArrayDeque;
import java.util.Deque;

/** What to take back, the newest first. Closing goes on when one of them fails. Thread: any. */
final class Undo implements AutoCloseable {
  private final Deque<AutoCloseable> steps = new ArrayDeque<>();

  synchronized <T extends AutoCloseable> T keep(T step) {
    steps.push(step);
    return step;
  }

  @Override
  public void close() {
    while (true) {
      AutoCloseable step;
      synchronized (this) {
        step = steps.poll();
      }
      if (step == null) {
        return;
      }
      try {
        step.close();
      } catch (Exception failed) {
        System.getLogger(Undo.class.getName())
            .log(System.Logger.Level.WARNING, "while ending the mesh", failed);
      }
    }
  }
}
