package dev.meshctl.console.fx;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands the newest of many values over to another thread: however fast they come, at most one
 * hand-over waits at a time, and values that were overtaken are never seen.
 *
 * <p>Thread: offered from any; consumed on the executor's.
 */
public final class Latest<T> {
  private final Executor executor;
  private final Consumer<T> consumer;
  private final AtomicReference<@Nullable T> waiting = new AtomicReference<>();

  /**
   * @param executor for example {@code Platform::runLater}
   */
  public Latest(Executor executor, Consumer<T> consumer) {
    this.executor = executor;
    this.consumer = consumer;
  }

  public void offer(T value) {
    if (waiting.getAndSet(value) == null) {
      executor.execute(this::deliver);
    }
  }

  private void deliver() {
    T value = waiting.getAndSet(null);
    if (value != null) {
      consumer.accept(value);
    }
  }
}
