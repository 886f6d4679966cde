package dev.meshctl.dataplane.stack;

import dev.meshctl.dataplane.detect.CodecSniffer;
import dev.meshctl.dataplane.detect.Detected;
import dev.meshctl.dataplane.detect.Detector;
import dev.meshctl.dataplane.detect.ProxyHeaderReader;
import dev.meshctl.dataplane.http.DownstreamConnection;
import dev.meshctl.dataplane.http.Http1Server;
import dev.meshctl.dataplane.http.Http2Server;
import dev.meshctl.dataplane.http.HttpServerSettings;
import dev.meshctl.dataplane.http.RequestHandler;
import dev.meshctl.dataplane.http.ServerConnection;
import dev.meshctl.dataplane.listener.CompiledChain;
import dev.meshctl.dataplane.listener.CompiledListener;
import dev.meshctl.dataplane.listener.Listeners;
import dev.meshctl.dataplane.live.LiveConfig;
import dev.meshctl.dataplane.observe.LoopCounters;
import dev.meshctl.dataplane.observe.LoopCounters.Counter;
import dev.meshctl.dataplane.observe.log.CompiledLogs;
import dev.meshctl.dataplane.resilience.ConnectionGate;
import dev.meshctl.dataplane.route.Exchange;
import dev.meshctl.dataplane.route.HttpScope;
import dev.meshctl.dataplane.route.Worker;
import dev.meshctl.dataplane.tcp.TcpProxying;
import dev.meshctl.dataplane.upstream.CloseOnError;
import dev.meshctl.dataplane.upstream.WaterMarks;
import dev.meshctl.model.match.CompiledAccess;
import dev.meshctl.model.match.CompiledAccess.Decision;
import dev.meshctl.model.match.ConnectionFacts;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ProxyProtocol;
import dev.meshctl.net.loop.OriginalDestination;
import dev.meshctl.net.tls.PeerIdentity;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The way of a connection, in this order:
 *
 * <ol>
 *   <li>overload and the limit of all connections, because one too many must cost least;
 *   <li>original destination, because a listener without socket may be the one that is meant;
 *   <li>PROXY protocol header, which says whose connection it is;
 *   <li>detection, because filter chains match what the first bytes say;
 *   <li>filter chain, and its limit of connections;
 *   <li>TLS, above the codec because its bytes hide the protocol;
 *   <li>access rules of the chain, below TLS because they ask who the peer proved to be;
 *   <li>HTTP codec with the layers of the role, or plain bytes.
 * </ol>
 *
 * <p>Thread: any; a connection is confined to its loop.
 */
public final class Connections implements Listeners.Accept {
  private static final int HANDSHAKE_MILLIS = (int) TimeUnit.SECONDS.toMillis(15);

  private final ProxyNode node;
  private final Supplier<LiveConfig> live;
  private final Supplier<String> ownUri;
  private final Map<EventLoop, Worker> workers;
  private final Map<EventLoop, ConnectionRegistry> registries;
  private final ConnectionGate gate;

  /**
   * @param live the configuration in force
   * @param ownUri our SPIFFE ID, empty where we have none
   * @param gate that all connections pass
   */
  public Connections(
      ProxyNode node,
      Supplier<LiveConfig> live,
      Supplier<String> ownUri,
      Map<EventLoop, Worker> workers,
      Map<EventLoop, ConnectionRegistry> registries,
      ConnectionGate gate) {
    this.node = node;
    this.live = live;
    this.ownUri = ownUri;
    this.workers = Map.copyOf(workers);
    this.registries = Map.copyOf(registries);
    this.gate = gate;
  }

  @Override
  public void accepted(Channel channel, String listenerName) {
    LiveConfig config = live.get();
    CompiledListener listener = config.listener(listenerName);
    Worker worker = workers.get(channel.eventLoop());
    ConnectionRegistry registry = registries.get(channel.eventLoop());
    if (listener == null || worker == null || registry == null) {
      channel.close();
      return;
    }
    LoopCounters counters = worker.counters(listener.statPrefix());
    counters.count(Counter.DOWNSTREAM_CX_TOTAL);
    if (worker.dice().nextDouble() < worker.overload().refuseConnections()) {
      counters.count(Counter.OVERLOAD_CX_REJECTED);
      channel.close();
      return;
    }
    if (!gate.enter()) {
      counters.count(Counter.DOWNSTREAM_GLOBAL_CX_OVERFLOW);
      channel.close();
      return;
    }
    counters.count(Counter.DOWNSTREAM_CX_ACTIVE);
    channel
        .closeFuture()
        .addListener(closed -> {
          counters.add(Counter.DOWNSTREAM_CX_ACTIVE, -1);
          gate.leave();
        });
    InetSocketAddress original = DownstreamConnection.named(channel.localAddress());
    if (listener.config().useOriginalDestination()) {
      original = OriginalDestination.of(channel).orElse(original);
      CompiledListener meant = config.virtual(original);
      listener = meant == null ? listener : meant;
    }
    WaterMarks.bound(channel, listener.config().bufferBytes());
    new Setup(channel, worker, counters, registry, listener, original).begin();
  }

  /** On each loop, after a new configuration: lets go of what it no longer allows. */
  public void reconcile(EventLoop loop) {
    LiveConfig config = live.get();
    ConnectionRegistry registry = registries.get(loop);
    if (registry != null) {
      registry.closeArrivingUnless(name -> config.listener(name) != null);
      registry.drainUnless(entry -> {
        CompiledListener listener = config.listener(entry.listener());
        CompiledChain chain = listener == null ? null : listener.chains().byName(entry.chain());
        return chain != null && chain.tls().isPresent() == entry.encrypted();
      });
      registry.closeUnless(entry -> {
        CompiledListener listener = config.listener(entry.listener());
        CompiledChain chain = listener == null ? null : listener.chains().byName(entry.chain());
        return chain == null || chain.admits(entry.facts());
      });
    }
  }

  /** One connection on its way to its handlers. */
  private final class Setup {
    private final Channel channel;
    private final Worker worker;
    private final LoopCounters counters;
    private final ConnectionRegistry registry;
    private InetSocketAddress original;
    private InetSocketAddress remote;
    private final Arrival arrival;
    private CompiledListener listener;
    private @Nullable ConnectionLine line;

    Setup(
        Channel channel,
        Worker worker,
        LoopCounters counters,
        ConnectionRegistry registry,
        CompiledListener listener,
        InetSocketAddress original) {
      this.channel = channel;
      this.worker = worker;
      this.counters = counters;
      this.registry = registry;
      this.listener = listener;
      this.original = original;
      this.remote = DownstreamConnection.named(channel.remoteAddress());
      this.arrival =
          new Arrival(
              channel,
              listener.config().name(),
              System.nanoTime(),
              () -> counters.count(Counter.DOWNSTREAM_PRE_CX_TIMEOUT));
    }

    void begin() {
      if (!listener.logs().isEmpty()) {
        line = new ConnectionLine(worker, remote, original);
        ConnectionLine ending = line;
        CompiledLogs logs = listener.logs();
        channel.closeFuture().addListener(closed -> worker.logs().log(logs, ending));
      }
      registry.add(arrival);
      channel.closeFuture().addListener(closed -> registry.remove(arrival));
      Optional<ProxyProtocol> header = listener.config().proxyProtocol();
      if (header.isEmpty()) {
        detect();
        return;
      }
      channel
          .pipeline()
          .addLast(
              new ProxyHeaderReader(
                  header.get(),
                  listener.config().detectTimeout().toNanos(),
                  new ProxyHeaderReader.Listener() {
                    @Override
                    public void read(Optional<ProxyHeaderReader.HandedOn> client) {
                      if (client.isPresent()) {
                        remote = client.get().source();
                        original = client.get().destination();
                      }
                      detect();
                    }

                    @Override
                    public boolean goesOnWithout() {
                      return goesOnLate();
                    }
                  }));
    }

    private void detect() {
      if (listener.config().detectProtocol() || listener.chains().needsFirstBytes()) {
        channel
            .pipeline()
            .addLast(
                new Detector(
                    new Detector.Listener() {
                      @Override
                      public void detected(ChannelHandlerContext ctx, Detected detected) {
                        Setup.this.detected(detected);
                      }

                      @Override
                      public boolean goesOnUndetected() {
                        return goesOnLate();
                      }
                    },
                    listener.config().detectTimeout().toNanos()));
      } else {
        choose(Detected.NOTHING);
      }
    }

    private boolean goesOnLate() {
      if (listener.config().closesUndetected()) {
        counters.count(Counter.DOWNSTREAM_PRE_CX_TIMEOUT);
        return false;
      }
      return true;
    }

    /** The configuration may have changed while the client took its time. */
    private void detected(Detected detected) {
      CompiledListener now = live.get().listener(listener.config().name());
      if (now == null) {
        channel.close();
        return;
      }
      listener = now;
      choose(detected);
    }

    private void choose(Detected detected) {
      Optional<CompiledChain> chain = listener.chains().find(original, remote, detected);
      if (chain.isEmpty()) {
        counters.count(Counter.NO_FILTER_CHAIN);
        channel.close();
      } else if (!hasRoom(chain.get())) {
        closeLater(chain.get());
      } else if (chain.get().tls().isPresent()) {
        SslHandler tls = chain.get().tls().get().newHandler(worker.resources().allocator());
        tls.setHandshakeTimeoutMillis(HANDSHAKE_MILLIS);
        channel.pipeline().addLast(tls, CloseOnError.INSTANCE);
        tls.handshakeFuture()
            .addListener(shaken -> {
              if (shaken.isSuccess()) {
                counters.count(Counter.TLS_HANDSHAKE);
                SSLSession session = tls.engine().getSession();
                String name = detected.serverName();
                serve(
                    chain.get(),
                    PeerIdentity.ofClient(tls.engine()),
                    name.isEmpty() ? ServerNames.of(session) : name);
              } else {
                counters.count(Counter.TLS_HANDSHAKE_FAILED);
                channel.close();
              }
            });
      } else {
        serve(chain.get(), Optional.empty(), detected.serverName());
      }
    }

    private boolean hasRoom(CompiledChain chain) {
      if (chain.gate().isEmpty()) {
        return true;
      }
      ConnectionGate its = chain.gate().get();
      boolean room = its.enter();
      if (room) {
        channel.closeFuture().addListener(closed -> its.leave());
      }
      return room;
    }

    /** One too many; what it says is not read meanwhile. */
    private void closeLater(CompiledChain chain) {
      long nanos = chain.config().limit().map(limit -> limit.delay().toNanos()).orElse(0L);
      if (nanos == 0) {
        channel.close();
        return;
      }
      channel.config().setAutoRead(false);
      channel.eventLoop().schedule(() -> channel.close(), nanos, TimeUnit.NANOSECONDS);
    }

    private void serve(CompiledChain chain, Optional<PeerIdentity> peer, String serverName) {
      DownstreamConnection connection =
          new DownstreamConnection(
              remote,
              DownstreamConnection.named(channel.remoteAddress()),
              original,
              chain.tls().isPresent(),
              peer,
              serverName);
      if (line != null) {
        line.served(connection);
      }
      ConnectionFacts facts = connection.facts();
      if (!admitted(chain, facts)) {
        channel.close();
        return;
      }
      switch (chain.config().filter()) {
        case NetworkFilter.HttpConnection http -> http(chain, http, connection, facts);
        case NetworkFilter.TcpProxy tcp -> {
          ServerConnection proxied =
              TcpProxying.begin(
                  worker,
                  channel,
                  connection,
                  tcp,
                  name -> live.get().cluster(name),
                  listener.config().direction(),
                  ownUri.get(),
                  chain.logs());
          register(chain, connection, facts, proxied);
        }
      }
    }

    /** As the chain's network filters say, counted. */
    private boolean admitted(CompiledChain chain, ConnectionFacts of) {
      for (CompiledAccess access : chain.access()) {
        if (access.hasShadow()) {
          boolean would = access.decideShadow(null, of) instanceof Decision.Allowed;
          worker
              .counters()
              .count(
                  would ? Counter.NETWORK_RBAC_SHADOW_ALLOWED : Counter.NETWORK_RBAC_SHADOW_DENIED);
        }
      }
      boolean admitted = chain.admits(of);
      if (!chain.access().isEmpty()) {
        worker
            .counters()
            .count(admitted ? Counter.NETWORK_RBAC_ALLOWED : Counter.NETWORK_RBAC_DENIED);
      }
      return admitted;
    }

    private void register(
        CompiledChain chain,
        DownstreamConnection client,
        ConnectionFacts facts,
        ServerConnection connection) {
      registry.remove(arrival);
      ConnectionRegistry.Entry entry =
          new ConnectionRegistry.Entry(
              listener.config().name(),
              chain.config().name(),
              chain.tls().isPresent(),
              facts,
              chain.config().filter() instanceof NetworkFilter.HttpConnection http
                  ? http.maxConnectionDuration().toNanos()
                  : 0,
              connection);
      registry.add(entry);
      channel
          .closeFuture()
          .addListener(closed -> {
            registry.remove(entry);
            worker.left(client);
          });
    }

    private void http(
        CompiledChain chain,
        NetworkFilter.HttpConnection config,
        DownstreamConnection connection,
        ConnectionFacts facts) {
      LoopCounters http = worker.counters("http." + config.statPrefix() + ".");
      http.count(Counter.HTTP_CX_TOTAL);
      http.count(Counter.HTTP_CX_ACTIVE);
      if (chain.tls().isPresent()) {
        http.count(Counter.HTTP_CX_SSL_TOTAL);
      }
      channel.closeFuture().addListener(closed -> http.add(Counter.HTTP_CX_ACTIVE, -1));
      HttpScope scope =
          new HttpScope(
              listener.config().name(),
              listener.config().direction(),
              facts.toldAt(config.options().client().place()),
              config.forwardClientCert(),
              ownUri.get(),
              layers(),
              new RoutesInForce(live, listener.config().name(), chain, config),
              http,
              config.maxStreamDuration().toNanos(),
              config.options());
      RequestHandler.Factory exchanges = Exchange.factory(worker, scope);
      HttpServerSettings settings =
          new HttpServerSettings(
              config.idleTimeout().toNanos(),
              config.streamIdleTimeout().toNanos(),
              config.requestTimeout().toNanos(),
              config.options().headersTimeout().toNanos(),
              config.options().limits());
      switch (config.codec()) {
        case HTTP1 -> codec(chain, facts, exchanges, connection, settings, false);
        case HTTP2 -> codec(chain, facts, exchanges, connection, settings, true);
        case AUTO -> {
          arrival.waitAtMost(settings.idleNanos());
          channel
              .pipeline()
              .addLast(
                  new CodecSniffer(
                      http2 -> codec(chain, facts, exchanges, connection, settings, http2)));
        }
      }
    }

    private List<dev.meshctl.dataplane.route.RequestLayer> layers() {
      return Role.of(node, listener.config().direction()).layers();
    }

    private void codec(
        CompiledChain chain,
        ConnectionFacts facts,
        RequestHandler.Factory exchanges,
        DownstreamConnection connection,
        HttpServerSettings settings,
        boolean http2) {
      ChannelPipeline pipeline = channel.pipeline();
      if (http2) {
        Http2Server server = new Http2Server(worker.resources(), exchanges, connection, settings);
        pipeline.addLast(server.handler());
        register(chain, connection, facts, server);
      } else {
        Http1Server server = new Http1Server(worker.resources(), exchanges, connection, settings);
        pipeline.addLast(server);
        register(chain, connection, facts, server);
      }
    }
  }
}
