package dev.meshctl.cluster;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * At most one of several processes leads, by a Lease that it renews. Who lost it stands again, for
 * as long as this is open.
 *
 * <p>Between the loss of a connection and {@link Terms#lease} two may believe that they lead: what
 * a leader writes must be right when written twice.
 *
 * <p>Thread: any; the listener is called on one thread of its own, one call at a time.
 */
public final class Leadership implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final KubernetesClient client;
  private final Candidate candidate;
  private final Listener listener;
  private final ExecutorService telling =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("leadership").factory());
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread standing;
  private volatile boolean leads;

  /**
   * Who stands for what.
   *
   * @param lease name of the Lease, one for each thing that needs one writer
   * @param identity of this process, unlike any other's: the pod's name
   */
  public record Candidate(String namespace, String lease, String identity, Terms terms) {}

  /**
   * @param lease after which others may take what was not renewed
   * @param renewWithin or the leader gives up by itself; less than {@code lease}
   * @param retry between attempts
   */
  public record Terms(Duration lease, Duration renewWithin, Duration retry) {
    /** Kubernetes' own controllers' terms. */
    public static final Terms USUAL =
        new Terms(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2));
  }

  /** Told of the leadership of this process. */
  public interface Listener {
    void started();

    /** Also when closed while leading. */
    void stopped();
  }

  Leadership(KubernetesClient client, Candidate candidate, Listener listener) {
    this.client = client;
    this.candidate = candidate;
    this.listener = listener;
    this.standing = Thread.ofVirtual().name("leadership-standing").start(this::stand);
  }

  /** As far as this process knows. */
  public boolean leads() {
    return leads;
  }

  private void stand() {
    try {
      do {
        CompletableFuture<?> term =
            client
                .leaderElector()
                .withConfig(
                    new LeaderElectionConfigBuilder()
                        .withName(candidate.lease())
                        .withLock(
                            new LeaseLock(
                                candidate.namespace(), candidate.lease(), candidate.identity()))
                        .withLeaseDuration(candidate.terms().lease())
                        .withRenewDeadline(candidate.terms().renewWithin())
                        .withRetryPeriod(candidate.terms().retry())
                        .withReleaseOnCancel(true)
                        .withLeaderCallbacks(
                            new LeaderCallbacks(() -> tell(true), () -> tell(false), whoever -> {}))
                        .build())
                .build()
                .start();
        try {
          awaitEnd(term);
        } finally {
          term.cancel(true);
          tell(false);
        }
      } while (!closed.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException end) {
      // close() ends the loop.
    }
  }

  private static void awaitEnd(CompletableFuture<?> term) throws InterruptedException {
    try {
      term.get();
    } catch (ExecutionException lost) {
      // Stands again after a pause; the client has logged why.
    }
  }

  private synchronized void tell(boolean now) {
    if (leads == now) {
      return;
    }
    leads = now;
    telling.execute(now ? listener::started : listener::stopped);
  }

  /** Lets go of the Lease, so that another need not wait for its end. */
  @Override
  public void close() {
    closed.countDown();
    standing.interrupt();
    try {
      standing.join(Duration.ofSeconds(5));
      telling.shutdown();
      telling.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
