package dev.meshctl.dataplane.tcp;

import dev.meshctl.dataplane.http.HalfClose;
import dev.meshctl.dataplane.http.LoopResources;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One end of a relayed connection. Reading stops while the other end cannot write; an end of input
 * ends the other's output; both ended, both close.
 *
 * <p>Thread: confined to the loop that both ends share.
 */
public final class Relay extends ChannelInboundHandlerAdapter implements LoopResources.Flushable {
  private final LoopResources resources;
  private final Runnable closed;
  private final ArrayDeque<ByteBuf> early = new ArrayDeque<>();
  private @Nullable ChannelHandlerContext context;
  private @Nullable Relay other;
  private boolean inputEnded;
  private boolean outputEnded;
  private boolean enlisted;
  private boolean gone;
  private long bytesRead;
  private long activeNanos = System.nanoTime();

  /**
   * @param closed run once, when this end is closed
   */
  public Relay(LoopResources resources, Runnable closed) {
    this.resources = resources;
    this.closed = closed;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return ctx;
  }

  /** Joins both ends; what was read before goes over now. */
  public static void join(Relay a, Relay b) {
    a.other = b;
    b.other = a;
    a.begin();
    b.begin();
  }

  private void begin() {
    Relay to = other;
    if (to == null) {
      return;
    }
    for (ByteBuf data = early.poll(); data != null; data = early.poll()) {
      to.write(data);
    }
    if (gone) {
      to.peerGone();
      return;
    }
    if (inputEnded) {
      to.endOutput();
    }
    context().channel().config().setAutoRead(true);
  }

  /** Bytes that came in at this end. */
  public long bytesRead() {
    return bytesRead;
  }

  public long activeNanos() {
    return activeNanos;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf data = (ByteBuf) message;
    resources.readBegins();
    bytesRead += data.readableBytes();
    activeNanos = System.nanoTime();
    Relay to = other;
    if (to == null) {
      early.add(data);
      ctx.channel().config().setAutoRead(false);
    } else {
      to.write(data);
      if (!to.context().channel().isWritable()) {
        ctx.channel().config().setAutoRead(false);
      }
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    resources.readEnds();
  }

  /** Takes {@code data}. */
  private void write(ByteBuf data) {
    ChannelHandlerContext ctx = context();
    ctx.write(data, ctx.voidPromise());
    if (!enlisted) {
      enlisted = true;
      resources.flushLater(this);
    }
  }

  @Override
  public void flushNow() {
    enlisted = false;
    context().flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    Relay from = other;
    if (from != null && ctx.channel().isWritable() && !from.gone) {
      from.context().channel().config().setAutoRead(true);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      endInput();
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  private void endInput() {
    if (inputEnded) {
      return;
    }
    inputEnded = true;
    Relay to = other;
    if (to != null) {
      to.endOutput();
    }
  }

  private void endOutput() {
    if (outputEnded || gone) {
      return;
    }
    outputEnded = true;
    if (inputEnded) {
      close();
    } else {
      HalfClose.output(context());
    }
    Relay from = other;
    if (from != null && from.inputEnded && from.outputEnded) {
      from.close();
    }
  }

  /** Closes this end once what was written is out. */
  private void close() {
    context()
        .writeAndFlush(io.netty.buffer.Unpooled.EMPTY_BUFFER)
        .addListener(io.netty.channel.ChannelFutureListener.CLOSE);
  }

  /** Closes both ends at once. */
  public void abort() {
    context().close();
  }

  private void peerGone() {
    if (!gone) {
      outputEnded = true;
      close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    gone = true;
    inputEnded = true;
    outputEnded = true;
    Relay to = other;
    if (to != null) {
      to.peerGone();
    }
    if (to == null) {
      for (ByteBuf data = early.poll(); data != null; data = early.poll()) {
        data.release();
      }
    }
    closed.run();
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
