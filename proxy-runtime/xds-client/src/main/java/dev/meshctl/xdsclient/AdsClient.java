package dev.meshctl.xdsclient;

import com.google.protobuf.Any;
import dev.meshctl.model.wire.Decoded;
import dev.meshctl.model.wire.XdsCodec;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.net.retry.Backoff;
import dev.meshctl.net.retry.Pause;
import io.envoyproxy.envoy.service.cluster.v3.ClusterDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.endpoint.v3.EndpointDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.listener.v3.ListenerDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.route.v3.RouteDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.route.v3.VirtualHostDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.secret.v3.SecretDiscoveryServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Keeps a {@link ConfigSink} supplied from one server or several. When a stream breaks, what is in
 * force stays, and a new stream begins after a growing, jittered wait, from the versions already
 * held.
 *
 * <p>Thread: one virtual thread a way; the sink's {@code accept} is called by one at a time.
 */
public final class AdsClient implements AutoCloseable {
  private static final long LOOK_LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LOOK_MOST_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Exchange exchange;
  private final List<Thread> threads;

  /**
   * @param wildcards types to take all of: clusters, listeners, names where there is a DNS, and
   *     orders where the runtime can be replaced
   * @param warmTimeout how long a change may wait for its parts before the rest of it goes in force
   *     without ({@code initial_fetch_timeout} in Envoy, there 15 s)
   * @param statics what is there already, and may refer to what comes
   * @param decoder reads a resource
   */
  public record Settings(
      ProxyNode node,
      Set<ResourceType> wildcards,
      Backoff backoff,
      Duration warmTimeout,
      XdsSnapshot statics,
      BiFunction<ResourceType, Any, Decoded> decoder) {
    public Settings {
      // What this client does it says.
      node = node.with(ProxyNode.Feature.RESOURCE_TTL);
      wildcards = Set.copyOf(wildcards);
    }

    /** In a mesh: nothing is there yet, and no resource may name files or bring keys. */
    public Settings(
        ProxyNode node, Set<ResourceType> wildcards, Backoff backoff, Duration warmTimeout) {
      this(node, wildcards, backoff, warmTimeout, XdsSnapshot.EMPTY, XdsCodec::decode);
    }
  }

  /**
   * Waiting, chance and time.
   *
   * @param nanoTime by which resources that are held for a time run out
   */
  public record Surroundings(Pause pause, RandomGenerator dice, LongSupplier nanoTime) {
    public Surroundings(Pause pause, RandomGenerator dice) {
      this(pause, dice, System::nanoTime);
    }
  }

  private AdsClient(Exchange exchange, Pause pause) {
    this.exchange = exchange;
    List<Thread> all = new ArrayList<>();
    for (Line line : exchange.lines()) {
      all.add(Thread.ofVirtual().name("ads").unstarted(() -> run(line::serve)));
    }
    all.add(Thread.ofVirtual().name("ads-expiry").unstarted(() -> run(() -> expire(pause))));
    this.threads = List.copyOf(all);
  }

  /**
   * Begins to connect, with one incremental stream for everything.
   *
   * @param channel to any xDS v3 server; stays the caller's
   */
  public static AdsClient start(
      Settings settings, Surroundings surroundings, ManagedChannel channel, ConfigSink sink) {
    return start(settings, surroundings, List.of(new Way.Aggregated(channel)), sink);
  }

  /** Begins to connect; each type comes on one of {@code ways}, or not at all. */
  public static AdsClient start(
      Settings settings, Surroundings surroundings, List<Way> ways, ConfigSink sink) {
    Exchange exchange =
        new Exchange(
            new ConfigProtocol(
                settings.wildcards(),
                settings.statics(),
                settings.decoder(),
                sink,
                surroundings.nanoTime()));
    ways.forEach(way -> exchange.add(line(settings, surroundings, exchange, way)));
    AdsClient client = new AdsClient(exchange, surroundings.pause());
    client.threads.forEach(Thread::start);
    return client;
  }

  private static Line line(
      Settings settings, Surroundings surroundings, Exchange exchange, Way way) {
    return switch (way) {
      case Way.Aggregated(var channel, var variant, var types) ->
          switch (variant) {
            case INCREMENTAL ->
                new GrpcLine<>(
                    settings,
                    surroundings,
                    exchange,
                    channel,
                    way,
                    AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod(),
                    new DeltaDialect(settings.node()));
            case STATE_OF_THE_WORLD ->
                new GrpcLine<>(
                    settings,
                    surroundings,
                    exchange,
                    channel,
                    way,
                    AggregatedDiscoveryServiceGrpc.getStreamAggregatedResourcesMethod(),
                    new StateDialect(settings.node(), false));
          };
      case Way.Single(var channel, var variant, var type) ->
          switch (variant) {
            case INCREMENTAL ->
                new GrpcLine<>(
                    settings,
                    surroundings,
                    exchange,
                    channel,
                    way,
                    incremental(type),
                    new DeltaDialect(settings.node()));
            case STATE_OF_THE_WORLD ->
                new GrpcLine<>(
                    settings,
                    surroundings,
                    exchange,
                    channel,
                    way,
                    stateOfTheWorld(type),
                    new StateDialect(settings.node(), false));
          };
      case Way.Polled polled -> new PollingLine(settings, surroundings, exchange, polled);
    };
  }

  private static MethodDescriptor<DeltaDiscoveryRequest, DeltaDiscoveryResponse> incremental(
      ResourceType type) {
    return switch (type) {
      case CLUSTER -> ClusterDiscoveryServiceGrpc.getDeltaClustersMethod();
      case ENDPOINTS -> EndpointDiscoveryServiceGrpc.getDeltaEndpointsMethod();
      case LISTENER -> ListenerDiscoveryServiceGrpc.getDeltaListenersMethod();
      case ROUTE -> RouteDiscoveryServiceGrpc.getDeltaRoutesMethod();
      case SECRET -> SecretDiscoveryServiceGrpc.getDeltaSecretsMethod();
      case VIRTUAL_HOST -> VirtualHostDiscoveryServiceGrpc.getDeltaVirtualHostsMethod();
      // Has no service of its own.
      case NAMES, RUNTIME -> AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod();
    };
  }

  private static MethodDescriptor<DiscoveryRequest, DiscoveryResponse> stateOfTheWorld(
      ResourceType type) {
    return switch (type) {
      case CLUSTER -> ClusterDiscoveryServiceGrpc.getStreamClustersMethod();
      case ENDPOINTS -> EndpointDiscoveryServiceGrpc.getStreamEndpointsMethod();
      case LISTENER -> ListenerDiscoveryServiceGrpc.getStreamListenersMethod();
      case ROUTE -> RouteDiscoveryServiceGrpc.getStreamRoutesMethod();
      case SECRET -> SecretDiscoveryServiceGrpc.getStreamSecretsMethod();
      case NAMES, RUNTIME, VIRTUAL_HOST ->
          AggregatedDiscoveryServiceGrpc.getStreamAggregatedResourcesMethod();
    };
  }

  /** Some server was reached and has answered. */
  public boolean connected() {
    return exchange.lines().stream().anyMatch(Line::connected);
  }

  /**
   * The version by which a server knows the resource of this name that is in force; empty where
   * none brought it. Waits while a change is put in force, so an event loop may not ask.
   */
  public Optional<String> version(ResourceType type, String name) {
    return exchange.version(type, name);
  }

  /** Ends the streams; what is in force stays. */
  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
    try {
      for (Thread each : threads) {
        each.join(Duration.ofSeconds(5));
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private interface Work {
    void run() throws InterruptedException;
  }

  /** Lets go of what runs out, with a stream or without. */
  private void expire(Pause pause) throws InterruptedException {
    while (true) {
      long remaining = exchange.awaitExpiryNanos();
      if (remaining > 0) {
        // Something that ends sooner may come meanwhile.
        pause.pause(Duration.ofNanos(Math.clamp(remaining, LOOK_LEAST_NANOS, LOOK_MOST_NANOS)));
      }
      exchange.expire();
    }
  }

  private static void run(Work work) {
    try {
      work.run();
    } catch (InterruptedException closed) {
      // As asked.
    }
  }
}
