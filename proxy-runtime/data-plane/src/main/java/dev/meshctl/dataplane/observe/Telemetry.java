package dev.meshctl.dataplane.observe;

import dev.meshctl.dataplane.observe.EdgeLabels.Reporter;
import dev.meshctl.model.telemetry.EdgeKey;
import dev.meshctl.model.telemetry.EdgeSample;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Gathers what all loops counted: as deltas for telemetry, as sums for Prometheus. Each loop drains
 * itself; a loop too busy to answer in time is heard at the next call, so nothing is lost.
 *
 * <p>Thread: any but an event loop; calls wait for each other.
 */
public final class Telemetry {
  private final List<Source> loops;
  private final Duration patience;
  private final Queue<List<EdgeDelta>> inbox = new ConcurrentLinkedQueue<>();
  private final Map<EdgeKey, SampleSum> pending = new LinkedHashMap<>();
  private final MetricsStore store = new MetricsStore();

  /**
   * One loop and its meter.
   *
   * @param loop runs tasks on the meter's thread
   */
  public record Source(Executor loop, EdgeMeter meter) {}

  /**
   * @param patience how long to wait for the loops, for example 500 ms
   */
  public Telemetry(List<Source> loops, Duration patience) {
    this.loops = List.copyOf(loops);
    this.patience = patience;
  }

  /** What the calling side of edges counted since the last call, all loops together. */
  public synchronized List<EdgeSample> drain() {
    gather();
    List<EdgeSample> samples = new ArrayList<>(pending.size());
    pending.forEach((key, sum) -> samples.add(sum.toSample(key)));
    pending.clear();
    return samples;
  }

  /** The standard Istio metrics since the start, as text. */
  public synchronized String metrics(Exposition exposition) {
    gather();
    return store.text(exposition);
  }

  private void gather() {
    CountDownLatch answers = new CountDownLatch(loops.size());
    for (Source source : loops) {
      try {
        source
            .loop()
            .execute(() -> {
              try {
                inbox.add(source.meter().drain());
              } finally {
                answers.countDown();
              }
            });
      } catch (RejectedExecutionException stopped) {
        answers.countDown();
      }
    }
    await(answers);
    for (List<EdgeDelta> deltas = inbox.poll(); deltas != null; deltas = inbox.poll()) {
      deltas.forEach(this::add);
    }
  }

  private void await(CountDownLatch answers) {
    try {
      boolean unused = answers.await(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void add(EdgeDelta delta) {
    store.add(delta);
    if (delta.labels().reporter() == Reporter.SOURCE) {
      pending.computeIfAbsent(delta.labels().key(), key -> new SampleSum()).add(delta);
    }
  }
}
