package dev.meshctl.console.feed;

import dev.meshctl.model.query.GraphWatch;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.MeshEndpoint;
import dev.meshctl.model.query.MeshQueryException;
import dev.meshctl.model.query.MeshStatus;
import dev.meshctl.model.query.ProxyView;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Watches a control plane: graphs as they come, its state each second. A broken watch is begun
 * again, ever more slowly up to two seconds, until closed.
 *
 * <p>Thread: two virtual threads of its own; closed from any.
 */
public final class LiveFeed implements MeshFeed {
  private static final Duration WINDOW = Duration.ofSeconds(10);
  private static final long STATUS_MILLIS = 1000;
  private static final long FIRST_PAUSE_MILLIS = 250;
  private static final long LONGEST_PAUSE_MILLIS = 2000;

  private final MeshClient client;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile @Nullable GraphWatch watch;

  public LiveFeed(MeshEndpoint endpoint) {
    this.client = MeshClient.of(endpoint);
  }

  @Override
  public void start(Listener listener) {
    listener.state(new MeshState.Connecting());
    Thread.ofVirtual().name("console-graph").start(() -> watchGraphs(listener));
    Thread.ofVirtual().name("console-status").start(() -> pollState(listener));
  }

  private void watchGraphs(Listener listener) {
    long pause = FIRST_PAUSE_MILLIS;
    do {
      try (GraphWatch fresh = client.watchGraph(WINDOW)) {
        watch = fresh;
        if (closed.getCount() == 0) {
          return;
        }
        while (fresh.hasNext()) {
          listener.graph(fresh.next());
          pause = FIRST_PAUSE_MILLIS;
        }
      } catch (MeshQueryException unanswered) {
        // The poll of the state says so.
      }
      pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
    } while (!endsWithin(pause));
  }

  private void pollState(Listener listener) {
    do {
      try {
        listener.state(new MeshState.Connected(client.status()));
      } catch (MeshQueryException unanswered) {
        if (closed.getCount() > 0) {
          listener.state(new MeshState.Lost(String.valueOf(unanswered.getMessage())));
        }
      }
    } while (!endsWithin(STATUS_MILLIS));
  }

  /** Waits; true once closed. */
  private boolean endsWithin(long millis) {
    try {
      return closed.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  @Override
  public MeshStatus status() {
    return client.status();
  }

  @Override
  public List<ProxyView> proxies() {
    return client.proxies();
  }

  @Override
  public void close() {
    closed.countDown();
    GraphWatch current = watch;
    if (current != null) {
      current.close();
    }
    client.close();
  }
}
