package dev.meshctl.dataplane;

import dev.meshctl.dataplane.http.LoopResources;
import dev.meshctl.dataplane.observe.LoopCounters.Counter;
import dev.meshctl.dataplane.observe.Telemetry;
import dev.meshctl.dataplane.route.Worker;
import dev.meshctl.dataplane.stack.ConnectionRegistry;
import dev.meshctl.dataplane.upstream.Connector;
import dev.meshctl.dataplane.upstream.HealthBoard;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.net.loop.Loops;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The event loops of a proxy, each with what is its own: a worker, and the connections that clients
 * have opened to it.
 *
 * <p>Thread: any, except the loops themselves.
 */
final class Crew implements AutoCloseable {
  private static final Duration LOOP_PATIENCE = Duration.ofSeconds(5);

  private final Loops loops;
  private final List<Hand> hands = new ArrayList<>();

  /** One loop's. Its own loop alone touches {@code worker} and {@code connections}. */
  record Hand(EventLoop loop, Worker worker, ConnectionRegistry connections) {
    private void sweep() {
      long now = System.nanoTime();
      connections.sweep(now);
      worker.sweep(now);
    }
  }

  private Crew(Loops loops, WorkloadRef self) {
    this.loops = loops;
    HealthBoard health = new HealthBoard();
    for (EventLoop loop : loops.all()) {
      LoopResources resources = new LoopResources(loop, loops.allocator());
      Worker worker =
          new Worker(
              resources,
              new Connector(resources, loops.transport()),
              new SplittableRandom(),
              loops.all().size(),
              self);
      worker.join(health);
      Hand hand = new Hand(loop, worker, new ConnectionRegistry());
      hands.add(hand);
      loop.scheduleAtFixedRate(hand::sweep, 1, 1, TimeUnit.SECONDS);
    }
  }

  /**
   * @param size loops, at least 1
   * @param self whose proxy this is
   */
  static Crew start(int size, WorkloadRef self) {
    return new Crew(Loops.start(size, "proxy"), self);
  }

  Loops loops() {
    return loops;
  }

  /** For what one loop does for all. */
  Hand first() {
    return hands.getFirst();
  }

  Collection<Worker> workers() {
    return hands.stream().map(Hand::worker).toList();
  }

  Map<EventLoop, Worker> workerByLoop() {
    Map<EventLoop, Worker> all = new LinkedHashMap<>();
    hands.forEach(hand -> all.put(hand.loop(), hand.worker()));
    return all;
  }

  Map<EventLoop, ConnectionRegistry> connectionsByLoop() {
    Map<EventLoop, ConnectionRegistry> all = new LinkedHashMap<>();
    hands.forEach(hand -> all.put(hand.loop(), hand.connections()));
    return all;
  }

  List<Telemetry.Source> meters() {
    return hands.stream()
        .map(hand -> new Telemetry.Source(hand.loop(), hand.worker().meter()))
        .toList();
  }

  /** Each does {@code task} on its loop; waits until all have, or for {@link #LOOP_PATIENCE}. */
  void each(Consumer<Hand> task) {
    CountDownLatch done = new CountDownLatch(hands.size());
    for (Hand hand : hands) {
      hand.loop()
          .execute(() -> {
            try {
              task.accept(hand);
            } finally {
              done.countDown();
            }
          });
    }
    boolean unused = await(done, LOOP_PATIENCE);
  }

  /** Whether every loop does what it is asked, within {@code patience}. */
  boolean responds(Duration patience) {
    CountDownLatch done = new CountDownLatch(hands.size());
    hands.forEach(hand -> hand.loop().execute(done::countDown));
    return await(done, patience);
  }

  /** False where time is up, or the thread was interrupted, which it stays. */
  private static boolean await(CountDownLatch done, Duration patience) {
    try {
      return done.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Connections of clients that are open. */
  int openConnections() {
    AtomicInteger open = new AtomicInteger();
    each(hand -> open.addAndGet(hand.connections().size()));
    return open.get();
  }

  void awaitDrained(long deadlineNanos) {
    while (System.nanoTime() - deadlineNanos < 0 && openConnections() > 0) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  /** All loops and scopes together. */
  long counter(Counter counter) {
    AtomicLong sum = new AtomicLong();
    for (Hand hand : hands) {
      sum.addAndGet(hand.worker().counters().value(counter));
      hand.worker().scopes().values().forEach(scope -> sum.addAndGet(scope.value(counter)));
    }
    return sum.get();
  }

  /** Bytes of the heap and of buffers, named as Envoy names what it has like it. */
  Map<String, Long> memory() {
    Runtime runtime = Runtime.getRuntime();
    return Map.of(
        "server.memory_allocated", runtime.totalMemory() - runtime.freeMemory(),
        "server.memory_heap_size", runtime.totalMemory(),
        "server.memory_buffers_used", loops.allocator().pinnedDirectMemory(),
        "server.memory_buffers_reserved", loops.allocator().metric().usedDirectMemory());
  }

  @Override
  public void close() {
    loops.close();
  }
}
