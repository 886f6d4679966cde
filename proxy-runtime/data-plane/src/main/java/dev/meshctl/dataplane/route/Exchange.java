package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.http.Downstream;
import dev.meshctl.dataplane.http.DownstreamConnection;
import dev.meshctl.dataplane.http.HeaderBlock;
import dev.meshctl.dataplane.http.RequestHandler;
import dev.meshctl.dataplane.http.RequestHead;
import dev.meshctl.dataplane.http.RequestHead.Version;
import dev.meshctl.dataplane.http.ResponseHead;
import dev.meshctl.dataplane.observe.Failure;
import dev.meshctl.dataplane.observe.ResponseFlag;
import dev.meshctl.dataplane.resilience.RetryRule;
import dev.meshctl.dataplane.upstream.Cluster;
import dev.meshctl.model.match.CompiledAction;
import dev.meshctl.model.match.CompiledCors;
import dev.meshctl.model.match.CompiledHash;
import dev.meshctl.model.match.CompiledHeaders;
import dev.meshctl.model.match.CompiledRoute;
import dev.meshctl.model.match.RouteTarget;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response: runs the layers, then stands between downstream and the tries.
 *
 * <p>Thread: confined to the loop of the connection.
 */
public final class Exchange implements RequestHandler, CompiledHash.Client {
  private final Worker worker;
  private final HttpScope scope;
  private final Downstream downstream;
  private final RequestHead head;
  private final Answers answers;
  private final Tally tally;
  private final @Nullable RouteTable routes;
  private final HttpFilters filters;

  private @Nullable RouteTable table;
  private @Nullable CompiledRoute route;
  private CompiledAction.@Nullable Forward forward;
  private @Nullable RouteTarget target;
  private @Nullable Cluster cluster;
  private @Nullable Forwarding forwarding;
  private @Nullable RequestBody early;
  private @Nullable Future<?> timer;
  private @Nullable Future<?> delayTimer;
  private @Nullable Future<?> lifeTimer;
  private RetryRule rule = RetryRule.NONE;
  private @Nullable CompiledCors cors;
  private String corsOrigin = "";
  private int nextLayer;
  private boolean requestEnded;
  private boolean done;
  private boolean brokenOff;
  private @Nullable List<Watch> watches;
  private @Nullable String setCookie;
  private boolean holdsFault;
  private boolean hashed;
  private long hash;

  /** Told when the exchange is over. */
  interface Watch {
    /**
     * @param status 0 where there was no answer
     * @param grpcStatus -1 where there was none
     * @param complete the answer went out whole
     */
    void ended(int status, int grpcStatus, boolean complete);
  }

  private Exchange(Worker worker, HttpScope scope, Downstream downstream, RequestHead head) {
    this.worker = worker;
    this.scope = scope;
    this.downstream = downstream;
    this.head = head;
    this.tally = new Tally(worker, scope, head, downstream.connection());
    this.answers = new Answers(this);
    this.routes = scope.routes().current();
    this.filters = scope.routes().filters();
  }

  /** Begins exchanges of one connection. */
  public static RequestHandler.Factory factory(Worker worker, HttpScope scope) {
    RequestHandler.Factory plain =
        (downstream, head, end) -> {
          Exchange exchange = new Exchange(worker, scope, downstream, head);
          exchange.requestEnded = end;
          if (end) {
            exchange.tally.requestEnded();
          }
          exchange.resume();
          return exchange;
        };
    return (downstream, head, end) ->
        head.isGrpcWeb() && scope.understandsGrpcWeb()
            ? GrpcWebBridge.begin(plain, worker.resources(), downstream, head, end)
            : plain.handle(downstream, head, end);
  }

  /** Runs the layers that are left. */
  void resume() {
    while (!done && nextLayer < scope.layers().size()) {
      switch (scope.layers().get(nextLayer++).handle(this)) {
        case CONTINUE -> {}
        case DONE, WAITING -> {
          return;
        }
      }
    }
  }

  // ---- what layers ask

  Worker worker() {
    return worker;
  }

  HttpScope scope() {
    return scope;
  }

  RequestHead head() {
    return head;
  }

  Downstream downstream() {
    return downstream;
  }

  DownstreamConnection connection() {
    return downstream.connection();
  }

  Answers answers() {
    return answers;
  }

  Tally tally() {
    return tally;
  }

  @Nullable RouteTable routes() {
    return routes;
  }

  HttpFilters filters() {
    return filters;
  }

  void watch(Watch watch) {
    List<Watch> all = watches;
    if (all == null) {
      all = new ArrayList<>(2);
      watches = all;
    }
    all.add(watch);
  }

  /** The answer may be read by pages of {@code origin}. */
  void shareWith(CompiledCors policy, String origin) {
    cors = policy;
    corsOrigin = origin;
  }

  /** Null before it is found, and where none takes the request. */
  @Nullable CompiledRoute routeOrNone() {
    return route;
  }

  void route(RouteTable from, CompiledRoute found) {
    table = from;
    route = found;
    tally.route(found);
    if (found.action() instanceof CompiledAction.Forward action) {
      forward = action;
      long timeoutNanos = RequestTimes.timeout(action, head);
      timer = after(timeoutNanos, this::routeTimedOut);
      lifeTimer =
          after(
              RequestTimes.maxStream(action, head, scope.maxStreamNanos()), this::livedLongEnough);
      rule = RequestTimes.retry(from.retryRule(found), head, timeoutNanos);
    }
  }

  private @Nullable Future<?> after(long nanos, Runnable action) {
    return nanos > 0
        ? worker.resources().loop().schedule(action, nanos, TimeUnit.NANOSECONDS)
        : null;
  }

  private void livedLongEnough() {
    lifeTimer = null;
    fail(Failure.Plain.STREAM_DURATION);
  }

  @Override
  public long streamIdleNanos(long ofConnection) {
    CompiledAction.Forward action = forward;
    return action != null && action.timeouts().idle().isPresent()
        ? action.timeouts().idle().get().toNanos()
        : ofConnection;
  }

  CompiledAction action() {
    return compiledRoute().action();
  }

  CompiledRoute compiledRoute() {
    return present(route, "route");
  }

  RouteTable routeTable() {
    return present(table, "route table");
  }

  CompiledAction.Forward forward() {
    return present(forward, "forward action");
  }

  RouteTarget targetOf() {
    return present(target, "target");
  }

  Cluster cluster() {
    return present(cluster, "cluster");
  }

  private static <T> T present(@Nullable T value, String what) {
    if (value == null) {
      throw new IllegalStateException(what + " is not known yet: check the order of the layers");
    }
    return value;
  }

  void target(RouteTarget chosen, Cluster of) {
    target = chosen;
    cluster = of;
    tally.target(chosen, of);
  }

  /** A place among the requests that faults hold at a time. */
  boolean mayFault(int most) {
    holdsFault = worker.tryFault(most);
    return holdsFault;
  }

  void delay(long nanos, Failure.@Nullable Injected abort) {
    tally.flag(ResponseFlag.DI);
    downstream.readRequest(false);
    delayTimer =
        worker
            .resources()
            .loop()
            .schedule(
                () -> {
                  delayTimer = null;
                  if (done) {
                    return;
                  }
                  downstream.readRequest(true);
                  if (abort == null) {
                    endFault();
                    resume();
                  } else {
                    fail(abort);
                  }
                },
                nanos,
                TimeUnit.NANOSECONDS);
  }

  private void endFault() {
    if (holdsFault) {
      holdsFault = false;
      worker.faultEnded();
    }
  }

  void mirrorTo(Cluster mirror, boolean keepsHost) {
    earlyBody()
        .mirrorTo(new MirrorCopy(worker, mirror, connection(), head, requestEnded, keepsHost));
  }

  /** What the request sticks to a cluster and a host by: the same each time. */
  long hash() {
    if (!hashed) {
      hashed = true;
      hash = forward().hash().of(head, this, worker.dice());
    }
    return hash;
  }

  @Override
  public String sourceIp() {
    String told = toldClient();
    return told == null ? connection().remoteText() : told;
  }

  /** The client's address as proxies tell it whose word counts; null where it is the peer's. */
  @Nullable String toldClient() {
    return TrustedClient.told(scope.facts(), head);
  }

  @Override
  public void setCookie(String value) {
    setCookie = value;
  }

  /** The last layer: goes upstream. */
  void begin() {
    Forwarding started = new Forwarding(this, earlyBody(), rule);
    forwarding = started;
    started.start();
  }

  private RequestBody earlyBody() {
    RequestBody body = early;
    if (body == null) {
      body = new RequestBody(downstream, requestEnded);
      early = body;
    }
    return body;
  }

  // ---- downstream

  @Override
  public void data(ByteBuf data, boolean end) {
    requestEnded |= end;
    if (done) {
      data.release();
      return;
    }
    tally.requestBytes(data.readableBytes());
    if (end) {
      tally.requestEnded();
    }
    earlyBody().data(data, end);
  }

  @Override
  public void trailers(HeaderBlock trailers) {
    requestEnded = true;
    if (!done) {
      tally.requestEnded();
      earlyBody().trailers(trailers);
    }
  }

  @Override
  public void downstreamGone() {
    if (!done) {
      brokenOff = true;
      tally.failed(Failure.Plain.CLIENT_GONE);
      end();
    }
  }

  @Override
  public void requestTimedOut() {
    fail(Failure.Plain.REQUEST_TIMEOUT);
  }

  @Override
  public void streamIdle() {
    fail(requestEnded ? Failure.Plain.IDLE_RESPONSE : Failure.Plain.IDLE_REQUEST);
  }

  private void routeTimedOut() {
    timer = null;
    Forwarding sent = forwarding;
    if (!done) {
      if (sent != null) {
        sent.timedOut();
      }
      fail(Failure.Plain.UPSTREAM_TIMEOUT);
    }
  }

  @Override
  public void downstreamWritable() {
    Forwarding sent = forwarding;
    if (sent != null) {
      sent.downstreamWritable();
    }
  }

  // ---- upstream

  boolean responded() {
    return tally.responded();
  }

  boolean isDone() {
    return done;
  }

  void informational(ResponseHead response) {
    downstream.informational(response);
  }

  void respond(ResponseHead response, boolean end) {
    String cookie = setCookie;
    if (cookie != null) {
      response.add("set-cookie", cookie);
    }
    editResponse(response);
    respondAsIs(response, end);
  }

  /** As cluster, route, host and table want it. */
  void editResponse(ResponseHead response) {
    CompiledRoute taken = route;
    if (taken == null) {
      return;
    }
    RouteTarget chosen = target;
    CompiledHeaders ofTarget = chosen == null ? CompiledHeaders.NONE : chosen.responseHeaders();
    if (taken.responseHeaders().isEmpty() && ofTarget.isEmpty()) {
      return;
    }
    ExchangeValues values = new ExchangeValues(this, response);
    HeaderEdits.apply(ofTarget, response, values);
    HeaderEdits.apply(taken.responseHeaders(), response, values);
  }

  void respondAsIs(ResponseHead response, boolean end) {
    CompiledCors sharing = cors;
    if (sharing != null) {
      CorsAnswers.toRequest(sharing, corsOrigin, response);
    }
    MessageMarks.response(scope.options(), response);
    tally.response(response);
    downstream.respond(response, end);
    if (end) {
      end();
    } else if (timer != null && opensTunnel(response)) {
      // A tunnel lives as long as its ends wish.
      cancelTimer();
    }
  }

  private boolean opensTunnel(ResponseHead response) {
    return response.status() == 101
        || (head.isConnect() && response.status() / 100 == 2)
        || (head.upgrade() && response.status() == 200 && head.version() == Version.HTTP2);
  }

  /** Takes {@code data}. */
  void responseData(ByteBuf data, boolean end) {
    tally.responseBytes(data.readableBytes());
    downstream.data(data, end);
    if (end) {
      end();
    }
  }

  void responseTrailers(HeaderBlock trailers) {
    tally.trailers(trailers);
    downstream.trailers(trailers);
    end();
  }

  /** Answers with the failure where nothing was answered yet, else breaks off. */
  void fail(Failure failure) {
    if (done) {
      return;
    }
    tally.failed(failure);
    if (responded()) {
      brokenOff = true;
      downstream.abort();
      end();
    } else {
      answers.failure(failure);
    }
  }

  private void cancelTimer() {
    Future<?> running = timer;
    timer = null;
    if (running != null) {
      running.cancel(false);
    }
  }

  private void end() {
    if (done) {
      return;
    }
    done = true;
    endFault();
    cancelTimer();
    Future<?> life = lifeTimer;
    if (life != null) {
      life.cancel(false);
    }
    Future<?> delay = delayTimer;
    if (delay != null) {
      delay.cancel(false);
    }
    Forwarding sent = forwarding;
    if (sent != null) {
      sent.end();
    }
    RequestBody body = early;
    if (body != null) {
      body.end();
    }
    List<Watch> told = watches;
    if (told != null) {
      for (int i = 0; i < told.size(); i++) {
        told.get(i).ended(tally.status(), tally.grpcStatus(), !brokenOff);
      }
    }
    tally.done();
    worker.resources().release(head);
  }
}
