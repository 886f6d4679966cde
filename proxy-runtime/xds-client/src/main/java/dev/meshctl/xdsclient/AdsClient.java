package dev.meshctl.xdsclient;

import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.net.retry.Backoff;
import dev.meshctl.net.retry.Pause;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one incremental ADS stream open and a {@link ConfigSink} supplied. When the stream breaks,
 * what is in force stays, and a new stream begins after a growing, jittered wait, from the versions
 * already held.
 *
 * <p>Thread: one virtual thread does everything, the sink's {@code accept} included; gRPC's
 * callbacks only queue. One response is in hand at a time (manual flow control).
 */
public final class AdsClient implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(AdsClient.class.getName());

  private final Settings settings;
  private final Surroundings surroundings;
  private final ManagedChannel channel;
  private final AdsProtocol protocol;
  private final Thread thread;
  private volatile boolean connected;

  /**
   * @param wildcards types to take all of: clusters, listeners, and names where there is a DNS
   * @param warmTimeout how long a change may wait for its parts before the rest of it goes in force
   *     without ({@code initial_fetch_timeout} in Envoy, there 15 s)
   */
  public record Settings(
      ProxyNode node, Set<ResourceType> wildcards, Backoff backoff, Duration warmTimeout) {
    public Settings {
      wildcards = Set.copyOf(wildcards);
    }
  }

  /** Waiting and chance. */
  public record Surroundings(Pause pause, RandomGenerator dice) {}

  private sealed interface Event {
    record Response(DeltaDiscoveryResponse response) implements Event {}

    /** {@code reason} for people. */
    record Ended(String reason) implements Event {}
  }

  private AdsClient(
      Settings settings, Surroundings surroundings, ManagedChannel channel, ConfigSink sink) {
    this.settings = settings;
    this.surroundings = surroundings;
    this.channel = channel;
    this.protocol = new AdsProtocol(settings.node(), settings.wildcards(), sink);
    this.thread = Thread.ofVirtual().name("ads").unstarted(this::run);
  }

  /**
   * Begins to connect.
   *
   * @param channel to any xDS v3 server; stays the caller's
   */
  public static AdsClient start(
      Settings settings, Surroundings surroundings, ManagedChannel channel, ConfigSink sink) {
    AdsClient client = new AdsClient(settings, surroundings, channel, sink);
    client.thread.start();
    return client;
  }

  /** A stream is open and was answered. */
  public boolean connected() {
    return connected;
  }

  /** Ends the stream; what is in force stays. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    int failures = 0;
    try {
      while (true) {
        Stream stream = new Stream();
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
              channel.authority(),
              reason,
              wait.toMillis());
          surroundings.pause().pause(wait);
        } finally {
          stream.cancel();
        }
      }
    } catch (InterruptedException closed) {
      connected = false;
    }
  }

  /** Serves one stream to its end; gives the reason. */
  private String serve(Stream stream) throws InterruptedException {
    // Our backoff decides, not the channel's: an idle one connects for the next call at once, where
    // one in failure would refuse it and only then try.
    channel.enterIdle();
    stream.begin(AggregatedDiscoveryServiceGrpc.newStub(channel));
    stream.send(protocol.open());
    while (true) {
      Event event = next(stream);
      switch (event) {
        case null -> stream.send(protocol.giveUpWaiting());
        case Event.Ended(String reason) -> {
          return reason;
        }
        case Event.Response(DeltaDiscoveryResponse response) -> {
          connected = true;
          stream.send(protocol.response(response));
          stream.more();
        }
      }
    }
  }

  private @Nullable Event next(Stream stream) throws InterruptedException {
    return protocol.warming()
        ? stream.events.poll(settings.warmTimeout().toMillis(), TimeUnit.MILLISECONDS)
        : stream.events.take();
  }

  /** One gRPC call and what arrived on it. */
  private static final class Stream
      implements ClientResponseObserver<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
    final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private @Nullable ClientCallStreamObserver<DeltaDiscoveryRequest> out;

    void begin(AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceStub stub) {
      stub.deltaAggregatedResources(this);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<DeltaDiscoveryRequest> call) {
      out = call;
      call.disableAutoRequestWithInitial(1);
    }

    void send(List<DeltaDiscoveryRequest> requests) {
      ClientCallStreamObserver<DeltaDiscoveryRequest> call = out;
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
      ClientCallStreamObserver<DeltaDiscoveryRequest> call = out;
      if (call != null) {
        call.request(1);
      }
    }

    void cancel() {
      ClientCallStreamObserver<DeltaDiscoveryRequest> call = out;
      if (call != null) {
        call.cancel("no longer wanted", null);
      }
    }

    @Override
    public void onNext(DeltaDiscoveryResponse response) {
      events.add(new Event.Response(response));
    }

    @Override
    public void onError(Throwable broken) {
      events.add(new Event.Ended(String.valueOf(broken.getMessage())));
    }

    @Override
    public void onCompleted() {
      events.add(new Event.Ended("the server ended it"));
    }
  }
}
