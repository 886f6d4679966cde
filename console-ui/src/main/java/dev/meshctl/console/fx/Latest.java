package dev.meshctl.console.fx;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands the newest of many values over to another thread: however fast they come, one at a time is
 * consumed, values that were overtaken are never seen, and the newest is always the last.
 *
 * <p>Thread: offered from any; consumed on the executor's, never by two of them at once, so an
 * executor of many threads is as good as one.
 */
public final class Latest<T> {
  private final Executor executor;
  private final Consumer<T> consumer;
  private final AtomicReference<@Nullable T> waiting = new AtomicReference<>();
  private final AtomicBoolean handingOver = new AtomicBoolean();

  /**
   * @param executor for example {@code Platform::runLater}
   */
  public Latest(Executor executor, Consumer<T> consumer) {
    this.executor = executor;
    this.consumer = consumer;
  }

  public void offer(T value) {
    waiting.set(value);
    handOver();
  }

  private void handOver() {
    if (handingOver.compareAndSet(false, true)) {
      executor.execute(this::deliver);
    }
  }

  private void deliver() {
    try {
      T value = waiting.getAndSet(null);
      if (value != null) {
        consumer.accept(value);
      }
    } finally {
      handingOver.set(false);
      // What came while the consumer was busy found the hand-over taken.
      if (waiting.get() != null) {
        handOver();
      }
    }
  }
}
