package dev.meshctl.net.handover;

import dev.meshctl.net.loop.Loops;
import dev.meshctl.net.loop.UnixServer;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Waits at a Unix socket for the process that is to take our place, and shares our listening
 * sockets with it. Turn by turn, because a descriptor travels with a byte of its own:
 *
 * <pre>
 *   successor: HANDOVER 1          we share; nothing is bound or closed from now on
 *   we:        a line a socket, then "."
 *   successor: SEND
 *   we:        the descriptors, in the same order
 * </pre>
 *
 * The connection stays: when it breaks before {@link #close}, the successor is dead and we go on
 * alone. There is one successor at a time.
 *
 * <p>Whoever may connect gets the power to take our connections, so the socket is a file that only
 * our user reaches, and the peer's user is checked again.
 *
 * <p>Thread: any.
 */
public final class Successors implements AutoCloseable {
  static final String HELLO = "HANDOVER 1";
  static final String SEND = "SEND";
  static final String END = ".";
  static final String BUSY = "BUSY";
  private static final System.Logger LOG = System.getLogger(Successors.class.getName());
  private static final int LINE_BYTES = 64;
  private static final int BACKLOG = 4;

  private final Offer offer;
  private final UnixServer server;
  private final AtomicReference<@Nullable Channel> successor = new AtomicReference<>();
  private volatile boolean closed;

  /** What is shared. Called one at a time, on a thread that may block. */
  public interface Offer {
    /** The sockets; from now on nothing is bound or closed. */
    List<Handed> share();

    /** The successor is gone. */
    void alone();
  }

  private Successors(Loops loops, Path socket, Offer offer) throws IOException {
    this.offer = offer;
    this.server =
        UnixServer.open(
            loops,
            socket,
            BACKLOG,
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel
                    .pipeline()
                    .addLast(
                        new LineBasedFrameDecoder(LINE_BYTES),
                        new StringDecoder(StandardCharsets.US_ASCII),
                        new Turns());
              }
            });
  }

  /**
   * Begins to wait.
   *
   * @param loops with epoll
   * @param socket in a folder that is ours alone
   * @throws IOException where it cannot be bound
   */
  public static Successors await(Loops loops, Path socket, Offer offer) throws IOException {
    return new Successors(loops, socket, offer);
  }

  private final class Turns extends SimpleChannelInboundHandler<String> {
    private List<Handed> shared = List.of();
    private boolean sent;

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws IOException {
      int own = ProcessUser.of(ctx.channel());
      if (own != ProcessUser.OWN) {
        LOG.log(System.Logger.Level.WARNING, "user {0} may not take our place", own);
        ctx.close();
      }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, String line) {
      if (line.equals(HELLO) && shared.isEmpty()) {
        if (closed || !successor.compareAndSet(null, ctx.channel())) {
          ctx.writeAndFlush(text(BUSY + "\n")).addListener(ChannelFutureListener.CLOSE);
          return;
        }
        Thread.ofVirtual().name("hand-over").start(() -> announce(ctx));
      } else if (line.equals(SEND) && !sent && successor.get() == ctx.channel()) {
        sent = true;
        shared.forEach(each -> ctx.write(new FileDescriptor(each.descriptor())));
        ctx.flush();
      } else {
        ctx.close();
      }
    }

    private void announce(ChannelHandlerContext ctx) {
      List<Handed> all = offer.share();
      StringBuilder lines = new StringBuilder();
      all.forEach(each -> lines.append(each.line()).append('\n'));
      lines.append(END).append('\n');
      ctx.executor()
          .execute(() -> {
            shared = all;
            ctx.writeAndFlush(text(lines.toString()));
          });
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (successor.get() == ctx.channel()) {
        Thread.ofVirtual()
            .name("hand-over")
            .start(() -> {
              if (!closed) {
                offer.alone();
              }
              successor.compareAndSet(ctx.channel(), null);
            });
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  private static Object text(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
  }

  /** The user at the other end of a Unix socket. */
  private static final class ProcessUser {
    static final int OWN = own();

    private ProcessUser() {}

    private static int own() {
      try {
        Object uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        return uid instanceof Integer number ? number : -1;
      } catch (IOException | RuntimeException unknown) {
        return -1;
      }
    }

    static int of(Channel channel) throws IOException {
      return channel instanceof EpollDomainSocketChannel unix ? unix.peerCredentials().uid() : -2;
    }
  }

  /** A process has our sockets, and lives. */
  public boolean shared() {
    return successor.get() != null;
  }

  /** The successor, if any, is no longer watched. */
  @Override
  public void close() {
    closed = true;
    server.close();
    Optional.ofNullable(successor.get())
        .ifPresent(channel -> channel.close().awaitUninterruptibly());
  }
}
