package dev.meshctl.net.handover;

import dev.meshctl.net.loop.Loops;
import dev.meshctl.net.loop.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The process whose place we are to take: asks it for its listening sockets. While this is open it
 * knows that we live; see {@link Successors}.
 *
 * <p>Thread: any.
 */
public final class Predecessor implements AutoCloseable {
  private static final int ANNOUNCEMENT_BYTES = 1024 * 1024;

  private final Channel channel;
  private final Sockets sockets;

  private Predecessor(Channel channel, Sockets sockets) {
    this.channel = channel;
    this.sockets = sockets;
  }

  /**
   * Connects and asks; the predecessor binds and closes nothing from now on.
   *
   * @param loops with epoll
   * @return empty where it has died, and left the file of its socket: then nobody has its addresses
   * @throws IOException where nobody has waited there: who knows what it listens with
   */
  public static Optional<Predecessor> ask(Loops loops, Path socket) throws IOException {
    Sockets sockets = new Sockets();
    ChannelFuture connecting =
        loops
            .transport()
            .onPipe(new Bootstrap())
            .group(loops.all().getFirst())
            .handler(sockets)
            .connect(loops.transport().pipe(socket.toString()))
            .awaitUninterruptibly();
    if (!connecting.isSuccess()) {
      if (String.valueOf(connecting.cause().getMessage()).contains("refused")) {
        return Optional.empty();
      }
      throw new IOException(
          socket + ": the process before us does not answer: " + connecting.cause().getMessage(),
          connecting.cause());
    }
    connecting.channel().writeAndFlush(ascii(Successors.HELLO + "\n"));
    return Optional.of(new Predecessor(connecting.channel(), sockets));
  }

  /**
   * Its sockets, each once: they are the caller's.
   *
   * @param patience with it
   * @throws IOException where they do not come; none is left open then
   */
  public Inheritance sockets(Duration patience) throws IOException, InterruptedException {
    try {
      return new Inheritance(sockets.all.get(patience.toMillis(), TimeUnit.MILLISECONDS));
    } catch (ExecutionException failed) {
      throw new IOException("sockets of the process before us: " + failed.getMessage(), failed);
    } catch (TimeoutException late) {
      close();
      // Those that came at the last moment, when nobody waited any more.
      if (!sockets.all.isCompletedExceptionally()) {
        sockets.all.join().forEach(each -> Transport.close(each.descriptor()));
      }
      throw new IOException("the process before us sent no sockets in " + patience, late);
    }
  }

  /** It no longer waits for us. */
  @Override
  public void close() {
    channel.close().awaitUninterruptibly();
  }

  private static ByteBuf ascii(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  /** Confined to its loop. */
  private static final class Sockets extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<List<Handed>> all = new CompletableFuture<>();
    private final StringBuilder announcement = new StringBuilder();
    private final List<Integer> descriptors = new ArrayList<>();
    private List<String> lines = List.of();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof ByteBuf bytes) {
        announcement.append(bytes.toString(StandardCharsets.US_ASCII));
        bytes.release();
        announced(ctx);
      } else if (message instanceof FileDescriptor descriptor) {
        descriptors.add(descriptor.intValue());
        finish(ctx);
      }
    }

    private void announced(ChannelHandlerContext ctx) {
      String text = announcement.toString();
      if (text.equals(Successors.BUSY + "\n")) {
        fail(ctx, "another process is about to take its place");
      } else if (text.length() > ANNOUNCEMENT_BYTES) {
        fail(ctx, "more than " + ANNOUNCEMENT_BYTES + " bytes about them");
      } else if (text.equals(Successors.END + "\n")
          || text.endsWith("\n" + Successors.END + "\n")) {
        lines = text.lines().filter(line -> !line.equals(Successors.END)).toList();
        if (ctx.channel() instanceof EpollDomainSocketChannel unix) {
          // Before we ask: a byte read as such loses the descriptor that came with it.
          unix.config().setReadMode(DomainSocketReadMode.FILE_DESCRIPTORS);
        }
        ctx.writeAndFlush(ascii(Successors.SEND + "\n"));
        finish(ctx);
      }
    }

    private void finish(ChannelHandlerContext ctx) {
      if (descriptors.size() < lines.size() || all.isDone()) {
        return;
      }
      List<Handed> handed = new ArrayList<>();
      Set<Integer> unknown = new LinkedHashSet<>(descriptors);
      try {
        for (int i = 0; i < lines.size(); i++) {
          Handed.of(lines.get(i), descriptors.get(i)).ifPresent(handed::add);
        }
      } catch (IllegalArgumentException malformed) {
        fail(ctx, String.valueOf(malformed.getMessage()));
        return;
      }
      handed.forEach(each -> unknown.remove(each.descriptor()));
      unknown.forEach(Transport::close);
      descriptors.clear();
      if (!all.complete(handed)) {
        handed.forEach(each -> Transport.close(each.descriptor()));
      }
    }

    private void fail(ChannelHandlerContext ctx, String why) {
      all.completeExceptionally(new IOException(why));
      ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      all.completeExceptionally(new IOException("it went away"));
      descriptors.forEach(Transport::close);
      descriptors.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      fail(ctx, String.valueOf(cause.getMessage()));
    }
  }
}
