package dev.meshctl.dataplane.detect;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Holds a connection's first bytes until they tell the protocol, or the timeout says that the
 * client waits for the server; then hands them on to whatever {@link Listener} put behind it.
 *
 * <p>Thread: confined to the loop of the connection.
 */
public final class Detector extends ChannelInboundHandlerAdapter {

  /** Continues the pipeline behind the detector. */
  public interface Listener {
    void detected(ChannelHandlerContext ctx, Detected detected);

    /** The time is over. True goes on with what is known, false ends the connection. */
    boolean goesOnUndetected();
  }

  private final Listener listener;
  private final long timeoutNanos;
  private @Nullable ByteBuf held;
  private @Nullable Future<?> timer;
  private boolean done;

  /**
   * @param timeoutNanos 0 waits until the first bytes tell, or somebody else closes the connection
   */
  public Detector(Listener listener, long timeoutNanos) {
    this.listener = listener;
    this.timeoutNanos = timeoutNanos;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (timeoutNanos > 0) {
      timer = ctx.executor().schedule(() -> late(ctx), timeoutNanos, TimeUnit.NANOSECONDS);
    }
  }

  private void late(ChannelHandlerContext ctx) {
    if (done) {
      return;
    }
    if (listener.goesOnUndetected()) {
      finish(ctx, Detected.NOTHING);
    } else {
      done = true;
      release();
      ctx.close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (done) {
      ctx.fireChannelRead(message);
      return;
    }
    ByteBuf in = (ByteBuf) message;
    ByteBuf before = held;
    ByteBuf all = before == null ? in : Unpooled.wrappedBuffer(before, in);
    held = all;
    Detected detected = FirstBytes.of(all);
    if (detected != null) {
      finish(ctx, detected);
    }
  }

  private void finish(ChannelHandlerContext ctx, Detected detected) {
    if (done) {
      return;
    }
    done = true;
    Future<?> running = timer;
    if (running != null) {
      running.cancel(false);
    }
    listener.detected(ctx, detected);
    ByteBuf first = held;
    held = null;
    if (first != null) {
      ctx.fireChannelRead(first);
      ctx.fireChannelReadComplete();
    }
    if (!ctx.isRemoved()) {
      ctx.pipeline().remove(this);
    }
  }

  /** Who says no more waits for the server, or is gone: whoever comes next will see. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      finish(ctx, Detected.NOTHING);
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    release();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    done = true;
    Future<?> running = timer;
    if (running != null) {
      running.cancel(false);
    }
    release();
    ctx.fireChannelInactive();
  }

  private void release() {
    ByteBuf rest = held;
    held = null;
    if (rest != null) {
      rest.release();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
