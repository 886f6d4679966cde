package dev.meshctl.dataplane;

import dev.meshctl.dataplane.listener.Listeners;
import dev.meshctl.dataplane.resilience.MemoryGauge;
import dev.meshctl.dataplane.resilience.OverloadState;
import dev.meshctl.dataplane.route.Worker;
import dev.meshctl.model.xds.OverloadConfig;
import dev.meshctl.model.xds.OverloadConfig.OverloadReading;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Looks at the memory from time to time and tells loops and listeners what to do about it.
 *
 * <p>Thread: looks on one loop; {@link #state} any.
 */
final class OverloadWatch {
  private final OverloadConfig config;
  private final MemoryGauge memory;
  private final Map<EventLoop, Worker> workers;
  private final Listeners listeners;
  private volatile OverloadState state = OverloadState.NONE;

  OverloadWatch(
      OverloadConfig config,
      MemoryGauge memory,
      Map<EventLoop, Worker> workers,
      Listeners listeners) {
    this.config = config;
    this.memory = memory;
    this.workers = Map.copyOf(workers);
    this.listeners = listeners;
  }

  void begin(EventLoop on) {
    long nanos = config.refreshInterval().toNanos();
    var unused = on.scheduleWithFixedDelay(this::look, nanos, nanos, TimeUnit.NANOSECONDS);
  }

  private void look() {
    OverloadState before = state;
    OverloadState now =
        OverloadState.of(
            config,
            new OverloadReading(memory.pressure(config.maxMemoryBytes(), config.lowestTrigger())));
    state = now;
    if (!now.sameActions(before)) {
      workers.forEach((loop, worker) -> loop.execute(() -> worker.overload(now)));
      listeners.accepting(!now.acceptNone());
    }
  }

  /** As last seen. */
  OverloadState state() {
    return state;
  }
}
