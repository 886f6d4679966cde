package dev.meshctl.dataplane.dns;

import dev.meshctl.dataplane.observe.LoopCounters;
import dev.meshctl.dataplane.observe.LoopCounters.Counter;
import dev.meshctl.net.loop.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.collection.IntObjectHashMap;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Hands queries to the machine's resolvers, one after the other until one answers, and gives up
 * with SERVFAIL. At most {@value #MOST_IN_FLIGHT} are under way; more are refused at once.
 *
 * <p>Each resolver has a connected socket of its own, each query a random id, and an answer must
 * repeat the question, so that nobody else can slip one in easily.
 *
 * <p>Thread: one event loop.
 */
final class Forwarder implements AutoCloseable {
  static final int MOST_IN_FLIGHT = 512;

  private static final int IDS = 1 << 16;

  /** Answers with EDNS may be larger than the 2 KiB that Netty reads by default. */
  private static final int DATAGRAM_BYTES = 16 * 1024;

  private final EventLoop loop;
  private final Transport transport;
  private final List<InetSocketAddress> resolvers;
  private final Duration patience;
  private final RandomGenerator dice;
  private final LoopCounters counters;
  private final @Nullable Channel[] sockets;
  private final IntObjectHashMap<Pending> pending = new IntObjectHashMap<>();
  private boolean closed;

  /**
   * @param patience with one resolver
   */
  Forwarder(
      EventLoop loop,
      Transport transport,
      List<InetSocketAddress> resolvers,
      Duration patience,
      RandomGenerator dice,
      LoopCounters counters) {
    this.loop = loop;
    this.transport = transport;
    this.resolvers = List.copyOf(resolvers);
    this.patience = patience;
    this.dice = dice;
    this.counters = counters;
    this.sockets = new Channel[resolvers.size()];
  }

  /** A query under way; owns its copy. */
  private static final class Pending {
    private final DnsMessage message;
    private final ByteBuf query;
    private final boolean tcp;
    private final Consumer<ByteBuf> reply;
    private int id;
    private int resolver;
    private java.util.concurrent.@Nullable Future<?> timer;
    private @Nullable Channel connection;

    private Pending(DnsMessage message, ByteBuf query, boolean tcp, Consumer<ByteBuf> reply) {
      this.message = message;
      this.query = query;
      this.tcp = tcp;
      this.reply = reply;
    }
  }

  /**
   * Sends {@code query} on.
   *
   * @param query borrowed; a copy is kept
   * @param tcp ask over TCP, for answers too large for a datagram
   * @param reply takes the answer, an error's too, once
   */
  void forward(DnsMessage message, ByteBuf query, boolean tcp, Consumer<ByteBuf> reply) {
    assert loop.inEventLoop();
    if (closed || resolvers.isEmpty() || pending.size() >= MOST_IN_FLIGHT) {
      counters.count(Counter.DNS_FAILED);
      reply.accept(message.error(query.alloc(), query, DnsMessage.SERVER_FAILURE));
      return;
    }
    Pending asked = new Pending(message, query.copy(), tcp, reply);
    asked.id = freeId();
    pending.put(asked.id, asked);
    send(asked);
  }

  private int freeId() {
    int id = dice.nextInt(IDS);
    while (pending.containsKey(id)) {
      id = (id + 1) & (IDS - 1);
    }
    return id;
  }

  private void send(Pending asked) {
    asked.timer = loop.schedule(() -> next(asked), patience.toNanos(), TimeUnit.NANOSECONDS);
    if (asked.tcp) {
      loop.execute(() -> sendTcp(asked));
    } else {
      sendUdp(asked);
    }
  }

  private ByteBuf withId(Pending asked) {
    ByteBuf copy = asked.query.copy();
    return copy.setShort(copy.readerIndex(), asked.id);
  }

  private void sendUdp(Pending asked) {
    Channel socket = sockets[asked.resolver];
    if (socket != null && socket.isActive()) {
      socket.writeAndFlush(withId(asked));
      return;
    }
    loop.execute(() -> openUdp(asked));
  }

  /** A task of its own, as every opening of a socket: see {@code Connector.connect}. */
  private void openUdp(Pending asked) {
    int resolver = asked.resolver;
    if (pending.get(asked.id) != asked || resolver >= resolvers.size()) {
      return;
    }
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(transport.datagrams())
            .handler(new UdpAnswers(resolver));
    ChannelFuture connecting = bootstrap.connect(resolvers.get(resolver));
    connecting.addListener(done -> {
      if (!done.isSuccess()) {
        next(asked);
        return;
      }
      keep(resolver, connecting.channel());
      if (pending.get(asked.id) == asked && asked.resolver == resolver) {
        connecting.channel().writeAndFlush(withId(asked));
      }
    });
  }

  private void keep(int resolver, Channel socket) {
    Channel other = sockets[resolver];
    if (closed || (other != null && other.isActive())) {
      // Two queries opened one each: answers to the second still come to it, then it goes.
      loop.schedule(() -> socket.close(), patience.toNanos(), TimeUnit.NANOSECONDS);
    } else {
      sockets[resolver] = socket;
    }
  }

  private void sendTcp(Pending asked) {
    if (pending.get(asked.id) != asked || asked.resolver >= resolvers.size()) {
      return;
    }
    Bootstrap bootstrap =
        transport
            .on(new Bootstrap())
            .group(loop)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) patience.toMillis())
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(TcpFrames.decoder(), new TcpAnswers(asked));
                  }
                });
    ChannelFuture connecting = bootstrap.connect(resolvers.get(asked.resolver));
    asked.connection = connecting.channel();
    connecting.addListener(done -> {
      if (asked.connection != connecting.channel()) {
        connecting.channel().close();
      } else if (done.isSuccess()) {
        connecting.channel().writeAndFlush(TcpFrames.frame(withId(asked)));
      } else {
        next(asked);
      }
    });
  }

  /** No answer: the next resolver, or none is left. */
  private void next(Pending asked) {
    if (pending.get(asked.id) != asked) {
      return;
    }
    stop(asked);
    asked.resolver++;
    if (asked.resolver < resolvers.size() && !closed) {
      send(asked);
    } else {
      counters.count(Counter.DNS_FAILED);
      end(asked, asked.message.error(asked.query.alloc(), asked.query, DnsMessage.SERVER_FAILURE));
    }
  }

  private static void stop(Pending asked) {
    if (asked.timer != null) {
      asked.timer.cancel(false);
    }
    Channel connection = asked.connection;
    asked.connection = null;
    if (connection != null) {
      connection.close();
    }
  }

  /** Takes {@code answer}. */
  private void end(Pending asked, ByteBuf answer) {
    stop(asked);
    pending.remove(asked.id);
    asked.query.release();
    asked.reply.accept(answer);
  }

  /** Borrows {@code answer}. */
  private void answered(ByteBuf answer) {
    if (answer.readableBytes() < DnsMessage.HEADER) {
      return;
    }
    Pending asked = pending.get(answer.getUnsignedShort(answer.readerIndex()));
    if (asked != null && asked.message.isAnsweredBy(answer, asked.query)) {
      ByteBuf copy = answer.copy();
      copy.setShort(copy.readerIndex(), asked.message.id());
      end(asked, copy);
    }
  }

  int inFlight() {
    return pending.size();
  }

  /** Ends what is under way with SERVFAIL and closes the sockets. */
  @Override
  public void close() {
    assert loop.inEventLoop();
    closed = true;
    for (Pending asked : new ArrayList<>(pending.values())) {
      next(asked);
    }
    for (Channel socket : sockets) {
      if (socket != null) {
        socket.close();
      }
    }
  }

  private final class UdpAnswers extends SimpleChannelInboundHandler<DatagramPacket> {
    private final int resolver;

    private UdpAnswers(int resolver) {
      this.resolver = resolver;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
      answered(packet.content());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      // Port unreachable: nobody will answer what was sent there.
      for (Pending asked : new ArrayList<>(pending.values())) {
        if (!asked.tcp && asked.resolver == resolver) {
          next(asked);
        }
      }
    }
  }

  private final class TcpAnswers extends SimpleChannelInboundHandler<ByteBuf> {
    private final Pending asked;

    private TcpAnswers(Pending asked) {
      this.asked = asked;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf answer) {
      answered(answer);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      if (asked.connection == context.channel()) {
        asked.connection = null;
        next(asked);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
