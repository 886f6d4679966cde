package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.balance.Host;
import dev.meshctl.dataplane.http.ResponseHead;
import dev.meshctl.dataplane.http.UpstreamStream.Reset;
import dev.meshctl.dataplane.observe.Failure;
import dev.meshctl.dataplane.resilience.CircuitBreaker;
import dev.meshctl.dataplane.resilience.OutlierDetector.Outcome;
import dev.meshctl.dataplane.resilience.RetryRule;
import dev.meshctl.dataplane.upstream.Cluster;
import dev.meshctl.dataplane.upstream.ClusterState;
import dev.meshctl.dataplane.upstream.ConnectFailure;
import dev.meshctl.dataplane.upstream.HostPools;
import dev.meshctl.model.match.Bytes;
import dev.meshctl.model.xds.ClusterConfig;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends one request upstream: tries, one after another, until an answer is good enough or nothing
 * may be tried any more.
 *
 * <pre>
 * start -> Try: waits for a stream -> sent -> answered -> forwarded to the client
 *           |          |               |         +-- retriable status --> again
 *           |          |               +-- reset, per-try timeout -----> again
 *           |          +-- connection failed --------------------------> again
 *           +-- no host, breaker open -> Failure
 * again -> attempts, budget and body left ? backoff -> start : Failure
 * </pre>
 *
 * <p>Thread: confined to the loop of the connection.
 */
final class Forwarding {
  /**
   * A reused connection that closed before the answer: the request is sent anew, at most so often.
   */
  private static final int STALE_RETRIES = 2;

  // Of its tries, too: each would need a field of its own for each.
  final Exchange exchange;
  final Worker worker;
  final RequestBody body;
  final RetryRule rule;
  final Cluster cluster;
  final ClusterState state;
  final boolean highPriority;

  private final CircuitBreaker breaker;
  private @Nullable UpstreamTry current;

  /** Tries that took longer than their time, and go on beside the current one. */
  private final List<UpstreamTry> hedged = new ArrayList<>(0);

  private final HostChoice hosts;

  private @Nullable Future<?> backoff;
  private int retries;
  private int staleRetries;
  private boolean holdsRequest;
  private int heldRetries;

  private boolean answered;
  private boolean pausedResponse;

  Forwarding(Exchange exchange, RequestBody body, RetryRule rule) {
    this.exchange = exchange;
    this.worker = exchange.worker();
    this.body = body;
    this.rule = rule;
    this.cluster = exchange.cluster();
    this.state = worker.state(cluster);
    this.hosts = new HostChoice(exchange, state, rule);
    this.highPriority = exchange.forward().highPriority();
    this.breaker = state.breaker(highPriority);
  }

  void start() {
    if (!breaker.tryRequest()) {
      exchange.fail(Failure.Plain.OVERFLOW);
      return;
    }
    holdsRequest = true;
    if (rule.attempts() > 0 || exchange.head().idempotent()) {
      body.keep();
    }
    attempt();
  }

  private void attempt() {
    if (cluster.config().discovery() instanceof ClusterConfig.Discovery.OriginalDestination) {
      UpstreamTry next = new UpstreamTry(this, null);
      current = next;
      next.acquire(state.original(exchange.connection().original()), false);
      return;
    }
    Host<HostPools> host = hosts.next();
    if (host == null) {
      giveUp(Failure.Plain.NO_HEALTHY_UPSTREAM);
      return;
    }
    state.balancer().started(host);
    UpstreamTry next = new UpstreamTry(this, host);
    current = next;
    next.acquire(host.attachment(), host.endpoint().meshTls());
  }

  /** One more try, where rule, budget and body allow it; false where not. */
  private boolean again(@Nullable Host<HostPools> failed) {
    return again(failed, -1);
  }

  /**
   * {@link #again} after what an answer asks to wait.
   *
   * @param waitNanos -1 where it asks nothing
   */
  private boolean again(@Nullable Host<HostPools> failed, long waitNanos) {
    if (exchange.responded()
        || retries >= rule.attempts()
        || !body.replayable()
        || exchange.head().leavesHttp()
        || !rule.takes(exchange.head()::header)) {
      return false;
    }
    // Tries one after another hold one place among the retries, tries side by side one each.
    if (heldRetries < Math.max(1, hedged.size())) {
      if (!breaker.tryRetry()) {
        exchange.tally().retryOverflow();
        return false;
      }
      heldRetries++;
    }
    retries++;
    exchange.tally().retried();
    hosts.failed(failed, retries);
    backoff =
        worker
            .resources()
            .loop()
            .schedule(
                () -> {
                  backoff = null;
                  if (!exchange.isDone()) {
                    attempt();
                  }
                },
                waitNanos < 0 ? rule.backoff().nextNanos(retries, worker.dice()) : waitNanos,
                TimeUnit.NANOSECONDS);
    return true;
  }

  /** A connection that had been idle closed in our face: that says nothing about the request. */
  private boolean againAfterStale(UpstreamTry by, Reset reset, boolean reused) {
    boolean stale =
        reset == Reset.REFUSED
            || (reset == Reset.CONNECTION_CLOSED && reused && exchange.head().idempotent());
    if (!stale) {
      return false;
    }
    // The host is not to blame; the try ends before the next one begins.
    by.settle(null);
    if (staleRetries >= STALE_RETRIES || exchange.responded() || !body.replayable()) {
      return false;
    }
    staleRetries++;
    attempt();
    return true;
  }

  void timedOut() {
    UpstreamTry last = current;
    if (last != null) {
      last.abandon(Outcome.LOCAL_ORIGIN);
    }
    for (UpstreamTry other : List.copyOf(hedged)) {
      other.abandon(Outcome.LOCAL_ORIGIN);
    }
    hedged.clear();
  }

  void downstreamWritable() {
    UpstreamTry last = current;
    if (pausedResponse && last != null && last.isSent()) {
      pausedResponse = false;
      last.readResponse(true);
    }
  }

  /** The exchange is over, however it ended. */
  void end() {
    Future<?> pause = backoff;
    if (pause != null) {
      pause.cancel(false);
    }
    UpstreamTry last = current;
    current = null;
    if (last != null) {
      last.abandon(null);
    }
    dropHedged();
    if (holdsRequest) {
      holdsRequest = false;
      breaker.requestEnded();
    }
    for (; heldRetries > 0; heldRetries--) {
      breaker.retryEnded();
    }
  }

  /** Fails the exchange, unless another try may still bring an answer. */
  private void giveUp(Failure failure) {
    hedged.removeIf(each -> each.isOver());
    UpstreamTry last = current;
    if (hedged.isEmpty() && (last == null || last.isOver()) && backoff == null) {
      exchange.fail(failure);
    }
  }

  /** The answer has come; the others are told that nobody waits for them. */
  private void dropHedged() {
    for (UpstreamTry other : List.copyOf(hedged)) {
      other.abandon(null);
    }
    hedged.clear();
  }

  private boolean othersGoOn(UpstreamTry but) {
    hedged.removeIf(each -> each.isOver());
    UpstreamTry last = current;
    return backoff != null
        || (last != null && last != but && !last.isOver())
        || hedged.stream().anyMatch(each -> each != but);
  }

  private static Failure failureOf(ConnectFailure reason) {
    return switch (reason) {
      case UNREACHABLE -> new Failure.ConnectFailed("connection refused or unreachable");
      case TIMEOUT -> Failure.Plain.CONNECT_TIMEOUT;
      case TLS -> new Failure.ConnectFailed("TLS handshake failed");
      case OVERFLOW -> Failure.Plain.OVERFLOW;
      case NO_UPGRADES -> Failure.Plain.NO_UPGRADES;
    };
  }

  private Failure failureOf(Reset reset) {
    return switch (reset) {
      case REFUSED -> Failure.Plain.STREAM_REFUSED;
      case CONNECTION_CLOSED ->
          exchange.responded()
              ? Failure.Plain.RESPONSE_CUT_OFF
              : Failure.Plain.CONNECTION_TERMINATED;
      case RESET ->
          exchange.responded() ? Failure.Plain.UPSTREAM_RESET_LATE : Failure.Plain.UPSTREAM_RESET;
      case PROTOCOL_ERROR -> Failure.Plain.UPSTREAM_PROTOCOL_ERROR;
    };
  }

  // ---- how a try went

  /** No stream was to be had; the try is over. */
  void notConnected(UpstreamTry by, ConnectFailure reason) {
    switch (reason) {
      // Another try would only wait, too, or find as little.
      case OVERFLOW, NO_UPGRADES -> giveUp(failureOf(reason));
      case UNREACHABLE, TIMEOUT, TLS -> {
        boolean retriable = rule.afterConnectFailure();
        if (!othersGoOn(by) && !(retriable && again(by.host()))) {
          exchange.fail(failureOf(reason));
        }
      }
    }
  }

  /** Nothing came for too long; the try is over. */
  void idle(UpstreamTry by) {
    if (answered || !(othersGoOn(by) || (rule.afterReset(by.isSent()) && again(by.host())))) {
      exchange.fail(Failure.Plain.PER_TRY_IDLE);
    }
  }

  /** The try takes longer than its time. */
  void late(UpstreamTry by) {
    if (answered) {
      return;
    }
    if (hedges()) {
      // Where there is no other try left, this one goes on until the request times out.
      hedged.add(by);
      if (!again(by.host())) {
        hedged.remove(by);
      }
      return;
    }
    by.abandon(Outcome.LOCAL_ORIGIN);
    if (!(rule.afterReset(by.isSent()) && again(by.host()))) {
      exchange.fail(Failure.Plain.PER_TRY_TIMEOUT);
    }
  }

  /** Tries go on side by side; only with a request that is whole, and can be sent again. */
  private boolean hedges() {
    return exchange.forward().hedges() && body.ended() && body.replayable();
  }

  /** An answer begins. */
  void answered(UpstreamTry by, ResponseHead response, boolean end) {
    int grpcStatus = end ? response.grpcStatus() : -1;
    boolean others = othersGoOn(by);
    if ((others || retries < rule.attempts())
        && retriable(response, grpcStatus)
        && (others || again(by.host(), waitAskedBy(response)))) {
      by.declined(response, end);
      return;
    }
    answered = true;
    by.cancelTimer();
    win(by);
    body.keepNoMore();
    by.taken(response, end);
    exchange.respond(response, end);
    if (!end) {
      checkDownstream(by);
    }
  }

  private boolean retriable(ResponseHead response, int grpcStatus) {
    return rule.afterResponse(response.status(), grpcStatus, name -> headerOf(response, name));
  }

  private long waitAskedBy(ResponseHead response) {
    return rule.resetWait()
        .nanos(
            name -> headerOf(response, name), worker.epochMillis(System.nanoTime()), worker.dice());
  }

  private static @Nullable Bytes headerOf(ResponseHead response, String name) {
    return name.equals(":status")
        ? Bytes.copyOf(Integer.toString(response.status()))
        : response.value(name);
  }

  /** The answer of this try is taken. */
  private void win(UpstreamTry by) {
    UpstreamTry last = current;
    if (last == by && hedged.isEmpty()) {
      return;
    }
    Future<?> pause = backoff;
    backoff = null;
    if (pause != null) {
      pause.cancel(false);
    }
    hedged.remove(by);
    current = by;
    if (last != null && last != by) {
      last.abandon(null);
    }
    dropHedged();
    by.tally();
  }

  /** Reads no more of the answer while the client takes no more. */
  void checkDownstream(UpstreamTry by) {
    if (!by.isOver() && by.isSent() && !pausedResponse && !exchange.downstream().writable()) {
      pausedResponse = true;
      by.readResponse(false);
    }
  }

  /**
   * The stream ended before its time.
   *
   * @param reused its connection had served another before
   */
  void gone(UpstreamTry by, Reset reset, boolean reused) {
    if (!answered && !othersGoOn(by) && againAfterStale(by, reset, reused)) {
      return;
    }
    by.settle(Outcome.LOCAL_ORIGIN);
    boolean retriable = reset == Reset.REFUSED ? rule.afterRefusedStream() : rule.afterReset(true);
    if (!answered && (othersGoOn(by) || (retriable && again(by.host())))) {
      return;
    }
    exchange.fail(failureOf(reset));
  }
}
