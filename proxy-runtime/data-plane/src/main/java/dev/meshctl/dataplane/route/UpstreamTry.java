package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.balance.Host;
import dev.meshctl.dataplane.http.HeaderBlock;
import dev.meshctl.dataplane.http.RequestHead;
import dev.meshctl.dataplane.http.ResponseHead;
import dev.meshctl.dataplane.http.UpstreamStream;
import dev.meshctl.dataplane.http.UpstreamStream.Reset;
import dev.meshctl.dataplane.http.WebSocketKeys;
import dev.meshctl.dataplane.resilience.OutlierDetector.Outcome;
import dev.meshctl.dataplane.resilience.ResetWait;
import dev.meshctl.dataplane.resilience.RetryRule;
import dev.meshctl.dataplane.upstream.Cluster;
import dev.meshctl.dataplane.upstream.Cluster.Speech;
import dev.meshctl.dataplane.upstream.ConnectFailure;
import dev.meshctl.dataplane.upstream.HostPools;
import dev.meshctl.dataplane.upstream.StreamPool;
import dev.meshctl.dataplane.upstream.ToldClient;
import dev.meshctl.dataplane.upstream.TunnelStream;
import dev.meshctl.dataplane.upstream.UpstreamTransport;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One try at one host: its stream, its time, and what the balancer hears of it. What follows from
 * how it goes is for {@link Forwarding} to say.
 *
 * <p>Thread: confined to the loop of the connection.
 */
final class UpstreamTry implements StreamPool.Waiter {
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int UNAVAILABLE = 503;

  private final Forwarding of;
  private final @Nullable Host<HostPools> host;
  private @Nullable UpstreamStream stream;
  private @Nullable Future<?> timer;
  private @Nullable Future<?> idleTimer;
  private boolean over;
  private boolean encrypted;
  private int failedStatus;
  private long activeNanos = System.nanoTime();
  private long sentNanos;

  /**
   * @param host null where the address is that of the connection, which nobody chose
   */
  UpstreamTry(Forwarding of, @Nullable Host<HostPools> host) {
    this.of = of;
    this.host = host;
  }

  @Nullable Host<HostPools> host() {
    return host;
  }

  /** Nothing comes of it any more. */
  boolean isOver() {
    return over;
  }

  /** The request is on its way. */
  boolean isSent() {
    return stream != null;
  }

  void acquire(HostPools pools, boolean meshTls) {
    if (of.rule.perTryTimeoutNanos() > 0) {
      timer =
          of.worker
              .resources()
              .loop()
              .schedule(this::timedOut, of.rule.perTryTimeoutNanos(), TimeUnit.NANOSECONDS);
    }
    watchIdle(of.rule.perTryIdleNanos());
    Cluster cluster = of.cluster;
    Exchange exchange = of.exchange;
    RequestHead head = exchange.head();
    UpstreamTransport plainly = cluster.transport(meshTls, Speech.BYTES);
    encrypted = plainly.encrypted();
    exchange.tally().host(host, encrypted);
    if (head.isConnect() && !exchange.forward().passesConnect()) {
      TunnelStream.open(
          of.worker.resources(),
          of.worker.connector(),
          pools.allowance(),
          pools.address(),
          cluster.telling(plainly, Optional.of(ToldClient.of(exchange.connection()))),
          cluster.config().connectTimeout(),
          this);
      return;
    }
    Speech speech = cluster.speech(head.version() == RequestHead.Version.HTTP2);
    if (speech == Speech.HTTP1) {
      WebSocketKeys.complete(head, of.worker.dice());
    }
    pools
        .serving(cluster, exchange.connection())
        .pool(cluster, meshTls, speech, of.highPriority)
        .acquire(this);
  }

  @Override
  public boolean cancelled() {
    return over;
  }

  @Override
  public boolean upgrades() {
    return of.exchange.head().upgrade();
  }

  @Override
  public void ready(UpstreamStream ready) {
    stream = ready;
    Exchange exchange = of.exchange;
    exchange.tally().upstreamLocal(ready.localAddress());
    if (of.state.balancer().measures()) {
      sentNanos = System.nanoTime();
    }
    if (host != null
        && exchange.forward().hostOfUpstream()
        && !host.endpoint().hostname().isEmpty()) {
      exchange.head().replaceAuthority(host.endpoint().hostname());
    }
    ready.request(exchange.head(), of.body.endsWithHead());
    if (!over && !of.body.endsWithHead()) {
      of.body.attach(ready);
    }
  }

  @Override
  public void failed(ConnectFailure reason) {
    // Of these two the host is not to blame.
    boolean blameless = reason == ConnectFailure.OVERFLOW || reason == ConnectFailure.NO_UPGRADES;
    settle(blameless ? null : Outcome.LOCAL_ORIGIN);
    of.notConnected(this, reason);
  }

  /** Looks again when the try may have been idle for {@link RetryRule#perTryIdleNanos}. */
  private void watchIdle(long nanos) {
    if (nanos > 0) {
      idleTimer =
          of.worker.resources().loop().schedule(this::maybeIdle, nanos, TimeUnit.NANOSECONDS);
    }
  }

  private void maybeIdle() {
    idleTimer = null;
    if (over) {
      return;
    }
    long left = of.rule.perTryIdleNanos() - (System.nanoTime() - activeNanos);
    if (left > 0) {
      watchIdle(left);
      return;
    }
    abandon(Outcome.LOCAL_ORIGIN);
    of.idle(this);
  }

  private void timedOut() {
    timer = null;
    if (!over) {
      of.late(this);
    }
  }

  @Override
  public void informational(ResponseHead response) {
    if (!over) {
      of.exchange.informational(response);
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
    of.answered(this, response, end);
  }

  /** The balancer hears how long the host took, and when it wants to be asked again. */
  private void tell(ResponseHead response, long now) {
    Host<HostPools> at = host;
    if (at == null) {
      return;
    }
    if (of.state.balancer().measures()) {
      of.state.balancer().answered(at, now - sentNanos, now);
    }
    int status = response.status();
    if (status == TOO_MANY_REQUESTS || status == UNAVAILABLE) {
      long rest = ResetWait.retryAfterNanos(response.value("retry-after"));
      if (rest > 0) {
        of.state.balancer().rest(at, rest, now);
      }
    }
  }

  /** Its answer, which begins with {@code response}, goes to the client. */
  void taken(ResponseHead response, boolean end) {
    if (end) {
      settle(Outcome.ofStatus(response.status()));
    } else if (response.status() >= 500) {
      failedStatus = response.status();
    }
  }

  /** It is what the log tells of, though another try may have begun after it. */
  void tally() {
    if (host != null) {
      of.exchange.tally().host(host, encrypted);
    }
  }

  /** Its answer is not good enough. */
  void declined(ResponseHead response, boolean end) {
    Outcome outcome = Outcome.ofStatus(response.status());
    if (end) {
      settle(outcome);
    } else {
      abandon(outcome);
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
    of.exchange.responseData(data, end);
    if (!end) {
      of.checkDownstream(this);
    }
  }

  @Override
  public void responseTrailers(HeaderBlock trailers) {
    if (!over) {
      settle(finalOutcome());
      of.exchange.responseTrailers(trailers);
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
    of.body.detach();
    of.gone(this, reset, reused);
  }

  @Override
  public void upstreamWritable() {
    if (!over) {
      of.body.writable();
    }
  }

  /** Stops or goes on to read the answer. */
  void readResponse(boolean on) {
    UpstreamStream from = stream;
    if (from != null) {
      from.readResponse(on);
    }
  }

  /**
   * Ends the stream before its time.
   *
   * @param outcome as {@link #settle} has it
   */
  void abandon(@Nullable Outcome outcome) {
    if (over) {
      return;
    }
    of.body.detach();
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
  void settle(@Nullable Outcome outcome) {
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
    if (at == null) {
      return;
    }
    if (outcome == null) {
      of.state.balancer().cancelled(at);
    } else {
      of.state.balancer().ended(at, outcome, System.nanoTime());
    }
  }

  /** It may take as long as the request. */
  void cancelTimer() {
    Future<?> running = timer;
    timer = null;
    if (running != null) {
      running.cancel(false);
    }
  }
}
