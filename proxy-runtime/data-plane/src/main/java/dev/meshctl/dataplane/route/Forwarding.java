package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.balance.Host;
import dev.meshctl.dataplane.http.HeaderBlock;
import dev.meshctl.dataplane.http.RequestHead;
import dev.meshctl.dataplane.http.ResponseHead;
import dev.meshctl.dataplane.http.UpstreamStream;
import dev.meshctl.dataplane.http.UpstreamStream.Reset;
import dev.meshctl.dataplane.http.WebSocketKeys;
import dev.meshctl.dataplane.observe.Failure;
import dev.meshctl.dataplane.resilience.CircuitBreaker;
import dev.meshctl.dataplane.resilience.OutlierDetector.Outcome;
import dev.meshctl.dataplane.resilience.ResetWait;
import dev.meshctl.dataplane.resilience.RetryRule;
import dev.meshctl.dataplane.upstream.Cluster;
import dev.meshctl.dataplane.upstream.Cluster.Speech;
import dev.meshctl.dataplane.upstream.ClusterState;
import dev.meshctl.dataplane.upstream.ConnectFailure;
import dev.meshctl.dataplane.upstream.HostPools;
import dev.meshctl.dataplane.upstream.StreamPool;
import dev.meshctl.dataplane.upstream.ToldClient;
import dev.meshctl.dataplane.upstream.TunnelStream;
import dev.meshctl.dataplane.upstream.UpstreamTransport;
import dev.meshctl.model.match.Bytes;
import dev.meshctl.model.xds.ClusterConfig;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

  private final Exchange exchange;
  private final Worker worker;
  private final RequestBody body;
  private final RetryRule rule;
  private final Cluster cluster;
  private final ClusterState state;
  private final boolean highPriority;
  private final CircuitBreaker breaker;
  private @Nullable Try current;

  private static final int TOO_MANY_REQUESTS = 429;
  private static final int UNAVAILABLE = 503;

  /** Tries that took longer than their time, and go on beside the current one. */
  private final List<Try> hedged = new ArrayList<>(0);

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
      Try next = new Try(null);
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
    Try next = new Try(host);
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
  private boolean againAfterStale(Reset reset, boolean reused) {
    boolean safe =
        reset == Reset.REFUSED
            || (reset == Reset.CONNECTION_CLOSED && reused && exchange.head().idempotent());
    if (!safe || staleRetries >= STALE_RETRIES || exchange.responded() || !body.replayable()) {
      return false;
    }
    staleRetries++;
    attempt();
    return true;
  }

  void timedOut() {
    Try last = current;
    if (last != null) {
      last.abandon(Outcome.LOCAL_ORIGIN);
    }
    for (Try other : List.copyOf(hedged)) {
      other.abandon(Outcome.LOCAL_ORIGIN);
    }
    hedged.clear();
  }

  void downstreamWritable() {
    Try last = current;
    if (pausedResponse && last != null && last.stream != null) {
      pausedResponse = false;
      last.stream.readResponse(true);
    }
  }

  /** The exchange is over, however it ended. */
  void end() {
    Future<?> pause = backoff;
    if (pause != null) {
      pause.cancel(false);
    }
    Try last = current;
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
    hedged.removeIf(each -> each.over);
    Try last = current;
    if (hedged.isEmpty() && (last == null || last.over) && backoff == null) {
      exchange.fail(failure);
    }
  }

  /** The answer has come; the others are told that nobody waits for them. */
  private void dropHedged() {
    for (Try other : List.copyOf(hedged)) {
      other.abandon(null);
    }
    hedged.clear();
  }

  private boolean othersGoOn(Try but) {
    hedged.removeIf(each -> each.over);
    Try last = current;
    return backoff != null
        || (last != null && last != but && !last.over)
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

  /** One try at one host. */
  private final class Try implements StreamPool.Waiter {
    private final @Nullable Host<HostPools> host;
    private @Nullable UpstreamStream stream;
    private @Nullable Future<?> timer;
    private boolean over;
    private boolean encrypted;
    private @Nullable Future<?> idleTimer;
    private long activeNanos = System.nanoTime();
    private long sentNanos;

    Try(@Nullable Host<HostPools> host) {
      this.host = host;
    }

    void acquire(HostPools pools, boolean meshTls) {
      if (rule.perTryTimeoutNanos() > 0) {
        timer =
            worker
                .resources()
                .loop()
                .schedule(this::tryTimedOut, rule.perTryTimeoutNanos(), TimeUnit.NANOSECONDS);
      }
      watchIdle(rule.perTryIdleNanos());
      RequestHead head = exchange.head();
      UpstreamTransport plainly = cluster.transport(meshTls, Speech.BYTES);
      encrypted = plainly.encrypted();
      exchange.tally().host(host, encrypted);
      if (head.isConnect() && !exchange.forward().passesConnect()) {
        TunnelStream.open(
            worker.resources(),
            worker.connector(),
            pools.allowance(),
            pools.address(),
            cluster.telling(plainly, Optional.of(ToldClient.of(exchange.connection()))),
            cluster.config().connectTimeout(),
            this);
        return;
      }
      Speech speech = cluster.speech(head.version() == RequestHead.Version.HTTP2);
      if (speech == Speech.HTTP1) {
        WebSocketKeys.complete(head, worker.dice());
      }
      pools
          .serving(cluster, exchange.connection())
          .pool(cluster, meshTls, speech, highPriority)
          .acquire(this);
    }

    @Override
    public boolean cancelled() {
      return over;
    }

    @Override
    public boolean upgrades() {
      return exchange.head().upgrade();
    }

    @Override
    public void ready(UpstreamStream ready) {
      stream = ready;
      exchange.tally().upstreamLocal(ready.localAddress());
      if (state.balancer().measures()) {
        sentNanos = System.nanoTime();
      }
      if (host != null
          && exchange.forward().hostOfUpstream()
          && !host.endpoint().hostname().isEmpty()) {
        exchange.head().replaceAuthority(host.endpoint().hostname());
      }
      ready.request(exchange.head(), body.endsWithHead());
      if (!over && !body.endsWithHead()) {
        body.attach(ready);
      }
    }

    @Override
    public void failed(ConnectFailure reason) {
      if (reason == ConnectFailure.OVERFLOW) {
        // The host is not to blame, and another try would only wait, too.
        settle(null);
        giveUp(Failure.Plain.OVERFLOW);
        return;
      }
      if (reason == ConnectFailure.NO_UPGRADES) {
        settle(null);
        giveUp(Failure.Plain.NO_UPGRADES);
        return;
      }
      settle(Outcome.LOCAL_ORIGIN);
      boolean retriable = rule.afterConnectFailure();
      if (!othersGoOn(this) && !(retriable && again(host))) {
        exchange.fail(failureOf(reason));
      }
    }

    /** Looks again when the try may have been idle for {@link RetryRule#perTryIdleNanos}. */
    private void watchIdle(long nanos) {
      if (nanos > 0) {
        idleTimer =
            worker.resources().loop().schedule(this::maybeIdle, nanos, TimeUnit.NANOSECONDS);
      }
    }

    private void maybeIdle() {
      idleTimer = null;
      if (over) {
        return;
      }
      long left = rule.perTryIdleNanos() - (System.nanoTime() - activeNanos);
      if (left > 0) {
        watchIdle(left);
        return;
      }
      abandon(Outcome.LOCAL_ORIGIN);
      if (answered || !(othersGoOn(this) || (rule.afterReset(stream != null) && again(host)))) {
        exchange.fail(Failure.Plain.PER_TRY_IDLE);
      }
    }

    private void tryTimedOut() {
      timer = null;
      if (over || answered) {
        return;
      }
      if (hedges()) {
        // Where there is no other try left, this one goes on until the request times out.
        hedged.add(this);
        if (!again(host)) {
          hedged.remove(this);
        }
        return;
      }
      abandon(Outcome.LOCAL_ORIGIN);
      if (!(rule.afterReset(stream != null) && again(host))) {
        exchange.fail(Failure.Plain.PER_TRY_TIMEOUT);
      }
    }

    /** Tries go on side by side; only with a request that is whole, and can be sent again. */
    private boolean hedges() {
      return exchange.forward().hedges() && body.ended() && body.replayable();
    }

    @Override
    public void informational(ResponseHead response) {
      if (!over) {
        exchange.informational(response);
      }
    }

    @Override
    public void response(ResponseHead response, boolean end) {
      if (over) {
        return;
      }
      long now = System.nanoTime();
      tell(response, now);
      activeNanos = now;
      int grpcStatus = end ? response.grpcStatus() : -1;
      boolean others = othersGoOn(this);
      if ((others || retries < rule.attempts()) && retriable(response, grpcStatus)) {
        Outcome outcome = Outcome.ofStatus(response.status());
        if (others) {
          abandonUnless(end, outcome);
          return;
        }
        if (again(host, waitAskedBy(response))) {
          abandonUnless(end, outcome);
          return;
        }
      }
      answered = true;
      cancelTimer();
      win();
      body.keepNoMore();
      if (end) {
        settle(Outcome.ofStatus(response.status()));
      } else if (response.status() >= 500) {
        failedStatus = response.status();
      }
      exchange.respond(response, end);
      if (!end) {
        checkDownstream();
      }
    }

    /** The balancer hears how long the host took, and when it wants to be asked again. */
    private void tell(ResponseHead response, long now) {
      Host<HostPools> of = host;
      if (of == null) {
        return;
      }
      if (state.balancer().measures()) {
        state.balancer().answered(of, now - sentNanos, now);
      }
      int status = response.status();
      if (status == TOO_MANY_REQUESTS || status == UNAVAILABLE) {
        long rest = ResetWait.retryAfterNanos(response.value("retry-after"));
        if (rest > 0) {
          state.balancer().rest(of, rest, now);
        }
      }
    }

    /** This try's answer is taken. */
    private void win() {
      Try last = current;
      if (last == this && hedged.isEmpty()) {
        return;
      }
      Future<?> pause = backoff;
      backoff = null;
      if (pause != null) {
        pause.cancel(false);
      }
      hedged.remove(this);
      current = this;
      if (last != null && last != this) {
        last.abandon(null);
      }
      dropHedged();
      if (host != null) {
        exchange.tally().host(host, encrypted);
      }
    }

    private boolean retriable(ResponseHead response, int grpcStatus) {
      return rule.afterResponse(response.status(), grpcStatus, name -> headerOf(response, name));
    }

    private long waitAskedBy(ResponseHead response) {
      return rule.resetWait()
          .nanos(
              name -> headerOf(response, name),
              worker.epochMillis(System.nanoTime()),
              worker.dice());
    }

    private static @Nullable Bytes headerOf(ResponseHead response, String name) {
      return name.equals(":status")
          ? Bytes.copyOf(Integer.toString(response.status()))
          : response.value(name);
    }

    private int failedStatus;

    private void abandonUnless(boolean end, Outcome outcome) {
      if (end) {
        settle(outcome);
      } else {
        abandon(outcome);
      }
    }

    private void checkDownstream() {
      UpstreamStream from = stream;
      if (!over && from != null && !pausedResponse && !exchange.downstream().writable()) {
        pausedResponse = true;
        from.readResponse(false);
      }
    }

    @Override
    public void responseData(ByteBuf data, boolean end) {
      if (over) {
        data.release();
        return;
      }
      if (idleTimer != null) {
        activeNanos = System.nanoTime();
      }
      if (end) {
        settle(finalOutcome());
      }
      exchange.responseData(data, end);
      if (!end) {
        checkDownstream();
      }
    }

    @Override
    public void responseTrailers(HeaderBlock trailers) {
      if (!over) {
        settle(finalOutcome());
        exchange.responseTrailers(trailers);
      }
    }

    private Outcome finalOutcome() {
      return failedStatus == 0 ? Outcome.SUCCESS : Outcome.ofStatus(failedStatus);
    }

    @Override
    public void upstreamGone(Reset reset) {
      if (over) {
        return;
      }
      UpstreamStream last = stream;
      boolean reused = last != null && last.reused();
      body.detach();
      if (!answered && !othersGoOn(this) && againFor(reset, reused)) {
        return;
      }
      settle(Outcome.LOCAL_ORIGIN);
      boolean retriable =
          reset == Reset.REFUSED ? rule.afterRefusedStream() : rule.afterReset(true);
      if (!answered && (othersGoOn(this) || (retriable && again(host)))) {
        return;
      }
      exchange.fail(failureOf(reset));
    }

    private boolean againFor(Reset reset, boolean reused) {
      boolean stale =
          reset == Reset.REFUSED
              || (reset == Reset.CONNECTION_CLOSED && reused && exchange.head().idempotent());
      if (!stale) {
        return false;
      }
      // The host is not to blame; the try ends before the next one begins.
      settle(null);
      if (againAfterStale(reset, reused)) {
        return true;
      }
      over = false;
      return false;
    }

    @Override
    public void upstreamWritable() {
      if (!over) {
        body.writable();
      }
    }

    /** Ends the stream before its time. */
    void abandon(@Nullable Outcome outcome) {
      if (over) {
        return;
      }
      body.detach();
      UpstreamStream last = stream;
      settle(outcome);
      if (last != null) {
        last.abort();
      }
    }

    /**
     * The try is over.
     *
     * @param outcome null says nothing about the host
     */
    private void settle(@Nullable Outcome outcome) {
      if (over) {
        return;
      }
      over = true;
      cancelTimer();
      Future<?> watching = idleTimer;
      idleTimer = null;
      if (watching != null) {
        watching.cancel(false);
      }
      Host<HostPools> at = host;
      if (at == null || settled) {
        return;
      }
      settled = true;
      if (outcome == null) {
        state.balancer().cancelled(at);
      } else {
        state.balancer().ended(at, outcome, System.nanoTime());
      }
    }

    private boolean settled;

    private void cancelTimer() {
      Future<?> running = timer;
      timer = null;
      if (running != null) {
        running.cancel(false);
      }
    }
  }
}
