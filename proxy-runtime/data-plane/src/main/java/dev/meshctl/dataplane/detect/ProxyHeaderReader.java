package dev.meshctl.dataplane.detect;

import dev.meshctl.model.xds.ProxyProtocol;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes the PROXY protocol header off a connection, then hands the rest on to whatever {@link
 * Listener} put behind it. A broken header, one that does not come in time, and none where one is
 * required end the connection.
 *
 * <p>Thread: confined to the loop of the connection.
 */
public final class ProxyHeaderReader extends ChannelInboundHandlerAdapter {

  /** Whose connection was handed on, and where it went. */
  public record HandedOn(InetSocketAddress source, InetSocketAddress destination) {}

  /** Continues the pipeline behind the header. */
  public interface Listener {
    /** Empty where the sender speaks for itself. */
    void read(Optional<HandedOn> client);

    /** The header did not come. True goes on without it, false ends the connection. */
    boolean goesOnWithout();
  }

  private final ProxyProtocol expected;
  private final Listener listener;
  private final long timeoutNanos;
  private @Nullable ByteBuf held;
  private @Nullable Future<?> timer;
  private boolean done;

  /**
   * @param timeoutNanos 0 waits until somebody else closes the connection
   */
  public ProxyHeaderReader(ProxyProtocol expected, long timeoutNanos, Listener listener) {
    this.expected = expected;
    this.timeoutNanos = timeoutNanos;
    this.listener = listener;
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
    if (listener.goesOnWithout()) {
      ByteBuf all = held;
      goOn(ctx, all == null ? Unpooled.EMPTY_BUFFER : all, 0, Optional.empty());
    } else {
      end(ctx);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    if (done) {
      in.release();
      return;
    }
    ByteBuf before = held;
    // Copied together: views of views, one for each byte of a slow sender, would nest too deep.
    ByteBuf all =
        before == null
            ? in
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), before, in);
    held = all;
    switch (ProxyHeader.read(all)) {
      case ProxyHeader.Read.Incomplete more -> {}
      case ProxyHeader.Read.Absent absent -> {
        if (expected.optional()) {
          goOn(ctx, all, 0, Optional.empty());
        } else {
          end(ctx);
        }
      }
      case ProxyHeader.Read.Own(var version, var bytes) -> {
        if (allowed(version)) {
          goOn(ctx, all, bytes, Optional.empty());
        } else {
          end(ctx);
        }
      }
      case ProxyHeader.Read.HandedOn(var version, var source, var destination, var bytes) -> {
        if (allowed(version)) {
          goOn(ctx, all, bytes, Optional.of(new HandedOn(source, destination)));
        } else {
          end(ctx);
        }
      }
      case ProxyHeader.Read.Broken broken -> end(ctx);
    }
  }

  private boolean allowed(int version) {
    return version == 1 ? expected.version1() : expected.version2();
  }

  private void goOn(ChannelHandlerContext ctx, ByteBuf all, int bytes, Optional<HandedOn> client) {
    done = true;
    cancelTimer();
    held = null;
    all.skipBytes(bytes);
    listener.read(client);
    if (all.isReadable()) {
      ctx.fireChannelRead(all);
      ctx.fireChannelReadComplete();
    } else {
      all.release();
    }
    if (!ctx.isRemoved()) {
      ctx.pipeline().remove(this);
    }
  }

  private void end(ChannelHandlerContext ctx) {
    done = true;
    cancelTimer();
    release();
    ctx.close();
  }

  private void cancelTimer() {
    Future<?> running = timer;
    timer = null;
    if (running != null) {
      running.cancel(false);
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    release();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    done = true;
    cancelTimer();
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
