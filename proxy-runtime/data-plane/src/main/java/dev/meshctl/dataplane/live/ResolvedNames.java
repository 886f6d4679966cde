package dev.meshctl.dataplane.live;

import dev.meshctl.model.xds.SocketEndpoint;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Names by the system's resolver, asked again every {@value #REFRESH_SECONDS} s. A name that cannot
 * be resolved any more keeps its last addresses.
 *
 * <p>Thread: any; resolving runs on a few threads of the system's, for the system's resolver keeps
 * a virtual thread's carrier: one name server that is silent would hold up all that is virtual
 * here.
 */
public final class ResolvedNames implements HostNames, AutoCloseable {
  private static final int REFRESH_SECONDS = 5;
  private static final int AT_ONCE = 16;
  private static final Duration FIRST_ANSWER = Duration.ofMillis(500);

  private final Runnable changed;
  private final ThreadPoolExecutor resolvers =
      new ThreadPoolExecutor(
          AT_ONCE,
          AT_ONCE,
          2 * REFRESH_SECONDS,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          Thread.ofPlatform().daemon().name("dns-", 0).factory());
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("dns-refresh").factory());
  private final Map<SocketEndpoint, List<SocketEndpoint>> known = new ConcurrentHashMap<>();
  private Set<SocketEndpoint> asked = new HashSet<>();

  /**
   * @param changed run when a name has other addresses than before
   */
  public ResolvedNames(Runnable changed) {
    this.changed = changed;
    resolvers.allowCoreThreadTimeOut(true);
    var unused =
        clock.scheduleWithFixedDelay(
            this::refresh, REFRESH_SECONDS, REFRESH_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void begin() {
    asked = new HashSet<>();
  }

  @Override
  public List<SocketEndpoint> addresses(SocketEndpoint target) {
    asked.add(target);
    List<SocketEndpoint> there = known.get(target);
    if (there != null) {
      return there;
    }
    CountDownLatch answered = new CountDownLatch(1);
    resolvers.execute(() -> {
      boolean late = answered.getCount() == 0;
      if (resolve(target) && late) {
        changed.run();
      }
      answered.countDown();
    });
    try {
      if (!answered.await(FIRST_ANSWER.toMillis(), TimeUnit.MILLISECONDS)) {
        // The refresh brings it in when the resolver answers.
        known.putIfAbsent(target, List.of());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return known.computeIfAbsent(target, unanswered -> List.of());
  }

  @Override
  public void commit() {
    known.keySet().retainAll(asked);
  }

  private void refresh() {
    boolean any = false;
    for (SocketEndpoint target : Set.copyOf(known.keySet())) {
      any |= resolve(target);
    }
    if (any) {
      changed.run();
    }
  }

  /** True where the addresses are others than before. */
  private boolean resolve(SocketEndpoint target) {
    try {
      List<SocketEndpoint> now = addresses(target, InetAddress.getAllByName(target.address()));
      return !now.equals(known.put(target, now));
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static List<SocketEndpoint> addresses(SocketEndpoint target, InetAddress[] answer) {
    return Arrays.stream(answer)
        .map(InetAddress::getHostAddress)
        .sorted()
        .map(address -> new SocketEndpoint(address, target.port()))
        .toList();
  }

  @Override
  public void close() {
    clock.shutdownNow();
    resolvers.shutdownNow();
  }
}
