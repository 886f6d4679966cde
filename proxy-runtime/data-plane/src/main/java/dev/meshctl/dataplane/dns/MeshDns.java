package dev.meshctl.dataplane.dns;

import dev.meshctl.dataplane.observe.LoopCounters;
import dev.meshctl.model.xds.NameTable;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.net.handover.Handed;
import dev.meshctl.net.handover.Handed.Use;
import dev.meshctl.net.handover.Inheritance;
import dev.meshctl.net.loop.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The mesh's DNS server, over UDP and TCP at one address.
 *
 * <p>Thread: any but the event loop that serves.
 */
public final class MeshDns implements AutoCloseable {
  private static final int IDLE_SECONDS = 10;
  private static final int BIND_TRIES = 8;

  private final Settings settings;
  private final EventLoop loop;
  private final Forwarder forwarder;
  private final Channel udp;
  private final Channel tcp;
  private final Names names;

  /**
   * What stays the same.
   *
   * @param address to serve at; port 0 picks one
   * @param namespace of the proxy: its services answer to their short names
   * @param clusterDomain such as {@code cluster.local}
   * @param resolvers for everything else, in order; see {@link ResolverFile}
   * @param patience with one resolver, above 0
   */
  public record Settings(
      SocketEndpoint address,
      String namespace,
      String clusterDomain,
      List<InetSocketAddress> resolvers,
      Duration patience) {
    public Settings {
      resolvers = List.copyOf(resolvers);
    }
  }

  private static final class Names {
    private volatile MeshNames current = MeshNames.EMPTY;
  }

  private MeshDns(
      Settings settings,
      EventLoop loop,
      Forwarder forwarder,
      Names names,
      Channel udp,
      Channel tcp) {
    this.settings = settings;
    this.loop = loop;
    this.forwarder = forwarder;
    this.names = names;
    this.udp = udp;
    this.tcp = tcp;
  }

  /** {@link #start} where nobody serves yet. */
  public static MeshDns start(
      Settings settings,
      EventLoop loop,
      Transport transport,
      RandomGenerator dice,
      LoopCounters counters)
      throws IOException {
    return start(settings, loop, transport, dice, counters, Inheritance.none());
  }

  /**
   * Starts to serve on {@code loop}; until the first {@link #update} everything is forwarded.
   *
   * @param transport of the loop
   * @param dice for query ids; should be hard to guess
   * @param counters written by {@code loop}
   * @param inheritance sockets of the process before us; with them nothing is served before {@link
   *     #serving}
   * @throws IOException where the address cannot be bound
   */
  public static MeshDns start(
      Settings settings,
      EventLoop loop,
      Transport transport,
      RandomGenerator dice,
      LoopCounters counters,
      Inheritance inheritance)
      throws IOException {
    Names names = new Names();
    InetSocketAddress address =
        new InetSocketAddress(
            InetAddress.ofLiteral(settings.address().address()), settings.address().port());
    List<InetSocketAddress> others =
        settings.resolvers().stream().filter(r -> !r.equals(address)).toList();
    Forwarder forwarder =
        new Forwarder(loop, transport, others, settings.patience(), dice, counters);
    Responder responder = new Responder(() -> names.current, forwarder, dice, counters);
    List<Integer> datagrams = inheritance.take(Use.DNS_DATAGRAMS, settings.address());
    List<Integer> streams = inheritance.take(Use.DNS, settings.address());
    if (!datagrams.isEmpty() && !streams.isEmpty()) {
      Channel udp =
          onUdp(transport.overDatagrams(new Bootstrap(), datagrams.getFirst()), loop, responder)
              .option(ChannelOption.AUTO_READ, false)
              .register()
              .syncUninterruptibly()
              .channel();
      Channel tcp =
          onTcp(transport.over(new ServerBootstrap(), streams.getFirst()), loop, responder)
              .option(ChannelOption.AUTO_READ, false)
              .register()
              .syncUninterruptibly()
              .channel();
      return new MeshDns(settings, loop, forwarder, names, udp, tcp);
    }
    for (int tries = 1; ; tries++) {
      Channel udp = bindUdp(address, loop, transport, responder);
      try {
        InetSocketAddress bound = (InetSocketAddress) udp.localAddress();
        Channel tcp = bindTcp(bound, loop, transport, responder);
        return new MeshDns(settings, loop, forwarder, names, udp, tcp);
      } catch (IOException e) {
        udp.close().awaitUninterruptibly();
        // A port picked for UDP may be taken for TCP.
        if (address.getPort() != 0 || tries >= BIND_TRIES) {
          throw e;
        }
      }
    }
  }

  private static Channel bindUdp(
      InetSocketAddress address, EventLoop loop, Transport transport, Responder responder)
      throws IOException {
    return bound(
        onUdp(new Bootstrap().channel(transport.datagrams()), loop, responder).bind(address),
        address);
  }

  private static Bootstrap onUdp(Bootstrap bootstrap, EventLoop loop, Responder responder) {
    return bootstrap.group(loop).handler(new UdpQueries(responder));
  }

  private static Channel bindTcp(
      InetSocketAddress address, EventLoop loop, Transport transport, Responder responder)
      throws IOException {
    return bound(
        onTcp(transport.on(new ServerBootstrap(), false), loop, responder).bind(address), address);
  }

  private static ServerBootstrap onTcp(
      ServerBootstrap bootstrap, EventLoop loop, Responder responder) {
    return bootstrap
        .group(loop)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel
                    .pipeline()
                    .addLast(
                        new ReadTimeoutHandler(IDLE_SECONDS),
                        TcpFrames.decoder(),
                        new TcpQueries(responder));
              }
            });
  }

  private static Channel bound(ChannelFuture binding, InetSocketAddress address)
      throws IOException {
    binding.awaitUninterruptibly();
    if (!binding.isSuccess()) {
      throw new IOException("DNS address " + address + ": " + binding.cause().getMessage());
    }
    return binding.channel();
  }

  /**
   * Answers from {@code table} from now on.
   *
   * @throws IllegalArgumentException where an address in it is none; the table before stays
   */
  public void update(NameTable table) {
    names.current = MeshNames.compile(table, settings.namespace(), settings.clusterDomain());
  }

  /** The sockets, for another process to serve with too; they stay ours. */
  public List<Handed> handed() {
    return List.of(
        new Handed(Use.DNS_DATAGRAMS, "", settings.address(), Transport.descriptor(udp)),
        new Handed(Use.DNS, "", settings.address(), Transport.descriptor(tcp)));
  }

  /** Whether it is us who takes queries; those that were taken are answered. Does not block. */
  public void serving(boolean on) {
    udp.config().setAutoRead(on);
    tcp.config().setAutoRead(on);
  }

  /** Where it serves. */
  public InetSocketAddress address() {
    return (InetSocketAddress) udp.localAddress();
  }

  @Override
  public void close() {
    udp.close().awaitUninterruptibly();
    tcp.close().awaitUninterruptibly();
    loop.submit(forwarder::close).awaitUninterruptibly();
  }
}
