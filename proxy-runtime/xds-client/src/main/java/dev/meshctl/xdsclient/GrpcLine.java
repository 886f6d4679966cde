package dev.meshctl.xdsclient;

import com.google.protobuf.Message;
import dev.meshctl.model.xds.ResourceType;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one gRPC stream open. When it breaks a new one begins after a growing, jittered wait, from
 * what is already held.
 *
 * <p>Thread: a virtual one serves; gRPC's callbacks only queue. One response is in hand at a time
 * (manual flow control).
 */
final class GrpcLine<Q extends Message, A extends Message> implements Line {
  private static final System.Logger LOG = System.getLogger(GrpcLine.class.getName());

  private final AdsClient.Settings settings;
  private final AdsClient.Surroundings surroundings;
  private final Exchange exchange;
  private final ManagedChannel channel;
  private final Way way;
  private final MethodDescriptor<Q, A> method;
  private final Dialect<Q, A> dialect;
  private volatile boolean connected;

  /** Of {@link #exchange}. */
  private @Nullable Stream<Q, A> open;

  private sealed interface Event<A> {
    record Response<A>(A response) implements Event<A> {}

    /** {@code reason} for people. */
    record Ended<A>(String reason) implements Event<A> {}
  }

  GrpcLine(
      AdsClient.Settings settings,
      AdsClient.Surroundings surroundings,
      Exchange exchange,
      ManagedChannel channel,
      Way way,
      MethodDescriptor<Q, A> method,
      Dialect<Q, A> dialect) {
    this.settings = settings;
    this.surroundings = surroundings;
    this.exchange = exchange;
    this.channel = channel;
    this.way = way;
    this.method = method;
    this.dialect = dialect;
  }

  @Override
  public Set<ResourceType> types() {
    return way.types();
  }

  @Override
  public boolean connected() {
    return connected;
  }

  @Override
  public void say(List<Ask> asks) {
    Stream<Q, A> stream = open;
    if (stream != null) {
      stream.send(dialect.requests(asks));
    }
  }

  @Override
  public void serve() throws InterruptedException {
    int failures = 0;
    while (true) {
      exchange.awaitWanted(this);
      Stream<Q, A> stream = new Stream<>();
      try {
        String reason = serve(stream);
        if (connected) {
          failures = 0;
        }
        connected = false;
        Duration wait = settings.backoff().delay(failures++, surroundings.dice());
        LOG.log(
            System.Logger.Level.WARNING,
            "the stream to {0} ended: {1}; the last configuration stays in force, reconnecting in"
                + " {2} ms",
            way.server(),
            reason,
            wait.toMillis());
        surroundings.pause().pause(wait);
      } finally {
        connected = false;
        stream.cancel();
      }
    }
  }

  /** Serves one stream to its end; gives the reason. */
  private String serve(Stream<Q, A> stream) throws InterruptedException {
    // Our backoff decides, not the channel's: an idle one connects for the next call at once, where
    // one in failure would refuse it and only then try.
    channel.enterIdle();
    ClientCalls.asyncBidiStreamingCall(channel.newCall(method, CallOptions.DEFAULT), stream);
    exchange.open(
        this,
        () -> {
          dialect.begin();
          open = stream;
        });
    try {
      while (true) {
        Event<A> event = next(stream);
        switch (event) {
          case null -> exchange.giveUpWaiting();
          case Event.Ended<A>(String reason) -> {
            return reason;
          }
          case Event.Response<A>(A response) -> {
            connected = true;
            exchange.alone(() -> dialect.update(response)).ifPresent(exchange::update);
            exchange.alone(() -> {
              stream.send(dialect.repeats());
              return stream;
            });
            stream.more();
          }
        }
      }
    } finally {
      exchange.alone(() -> open = null);
    }
  }

  private @Nullable Event<A> next(Stream<Q, A> stream) throws InterruptedException {
    return exchange.warming()
        ? stream.events.poll(settings.warmTimeout().toMillis(), TimeUnit.MILLISECONDS)
        : stream.events.take();
  }

  /** One gRPC call and what arrived on it. */
  private static final class Stream<Q, A> implements ClientResponseObserver<Q, A> {
    final BlockingQueue<Event<A>> events = new LinkedBlockingQueue<>();
    private volatile @Nullable ClientCallStreamObserver<Q> out;

    @Override
    public void beforeStart(ClientCallStreamObserver<Q> call) {
      out = call;
      call.disableAutoRequestWithInitial(1);
    }

    void send(List<Q> requests) {
      ClientCallStreamObserver<Q> call = out;
      if (call == null) {
        return;
      }
      try {
        requests.forEach(call::onNext);
      } catch (IllegalStateException ended) {
        // Its end is in the queue.
      }
    }

    void more() {
      ClientCallStreamObserver<Q> call = out;
      if (call != null) {
        call.request(1);
      }
    }

    void cancel() {
      ClientCallStreamObserver<Q> call = out;
      if (call != null) {
        call.cancel("no longer wanted", null);
      }
    }

    @Override
    public void onNext(A response) {
      events.add(new Event.Response<>(response));
    }

    @Override
    public void onError(Throwable broken) {
      events.add(new Event.Ended<>(String.valueOf(broken.getMessage())));
    }

    @Override
    public void onCompleted() {
      events.add(new Event.Ended<>("the server ended it"));
    }
  }
}
