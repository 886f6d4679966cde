package dev.meshctl.app.patch;

import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.net.retry.Backoff;
import dev.meshctl.net.retry.Pause;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Sends each report once it can, in their order, and the last one again from time to time, so that
 * a control plane which was started anew knows it too.
 *
 * <p>Thread: one virtual thread sends; {@link #add} from any.
 */
final class Reports implements AutoCloseable {
  private static final Duration AGAIN = Duration.ofSeconds(10);

  /** What nobody could be told for so long is told in short. */
  private static final int KEPT = 32;

  private final BundleClient client;
  private final Pause pause;
  private final RandomGenerator dice;
  private final UnaryOperator<RuntimeReport> fresh;
  private final Thread thread;
  private final Deque<RuntimeReport> waiting = new ArrayDeque<>();
  private @Nullable RuntimeReport last;

  private Reports(
      BundleClient client, Pause pause, RandomGenerator dice, UnaryOperator<RuntimeReport> fresh) {
    this.client = client;
    this.pause = pause;
    this.dice = dice;
    this.fresh = fresh;
    this.thread = Thread.ofVirtual().name("runtime-reports").unstarted(this::run);
  }

  /**
   * @param fresh what is said instead of the last report when it is said again
   */
  static Reports start(
      BundleClient client, Pause pause, RandomGenerator dice, UnaryOperator<RuntimeReport> fresh) {
    Reports reports = new Reports(client, pause, dice, fresh);
    reports.thread.start();
    return reports;
  }

  synchronized void add(RuntimeReport report) {
    if (waiting.size() >= KEPT) {
      waiting.removeFirst();
    }
    waiting.addLast(report);
    last = report;
    notifyAll();
  }

  private void run() {
    int failures = 0;
    try {
      while (true) {
        RuntimeReport next = next();
        if (next != null) {
          if (client.report(next)) {
            failures = 0;
            sent(next);
          } else {
            pause.pause(Backoff.RECONNECT.delay(failures++, dice));
          }
        }
      }
    } catch (InterruptedException closed) {
      // As asked.
    }
  }

  private synchronized @Nullable RuntimeReport next() throws InterruptedException {
    if (waiting.isEmpty()) {
      wait(AGAIN.toMillis());
    }
    if (waiting.isEmpty() && last != null) {
      last = fresh.apply(last);
    }
    return waiting.isEmpty() ? last : waiting.peekFirst();
  }

  private synchronized void sent(RuntimeReport report) {
    if (!waiting.isEmpty() && waiting.peekFirst() == report) {
      waiting.removeFirst();
    }
    notifyAll();
  }

  /** Waits until everything has been told, for so long at most. */
  synchronized void flush(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!waiting.isEmpty()) {
      long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
      if (left <= 0) {
        return;
      }
      wait(left);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
