package dev.meshctl.dataplane.route;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a filter keeps on each loop: made when the loop first asks, and the loop's own from then on.
 *
 * <p>Thread: any; each value belongs to the loop of its worker.
 */
public final class PerLoop<T> {
  private final Map<Worker, T> values = new ConcurrentHashMap<>();

  T of(Worker worker, Function<Worker, T> fresh) {
    T known = values.get(worker);
    if (known == null) {
      known = fresh.apply(worker);
      values.put(worker, known);
    }
    return known;
  }

  /** Null where the loop has not asked yet. */
  public @Nullable T find(Worker worker) {
    return values.get(worker);
  }
}
