package dev.meshctl.dataplane.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import org.jspecify.annotations.Nullable;

/**
 * Copies small frames into one buffer until the flush: HTTP/2 writes a head of nine bytes and a
 * payload for each frame, and each buffer has its price in Netty's queue and in the kernel's.
 *
 * <p>A small write succeeds when it is copied, not when it has left; one that is then lost is lost
 * with its connection. Above the channel's high mark nothing is gathered, so that a write succeeds
 * when it has left: Netty counts the control frames of a peer that does not read by that. At most
 * {@value #ROOM} bytes wait here, which the marks do not count.
 *
 * <p>Buffers: takes what is written. Thread: the channel's loop.
 */
final class GatheredWrites extends ChannelOutboundHandlerAdapter {
  private static final int SMALL = 1024;
  private static final int ROOM = 8 * 1024;

  private @Nullable ByteBuf gathered;

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (!(message instanceof ByteBuf data)
        || data.readableBytes() > SMALL
        || !ctx.channel().isActive()
        || !ctx.channel().isWritable()) {
      passOn(ctx);
      ctx.write(message, promise);
      return;
    }
    if (gathered != null && gathered.writableBytes() < data.readableBytes()) {
      passOn(ctx);
    }
    if (gathered == null) {
      gathered = ctx.alloc().ioBuffer(ROOM, ROOM);
    }
    gathered.writeBytes(data);
    data.release();
    promise.trySuccess();
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    passOn(ctx);
    ctx.flush();
  }

  /** What waits was written before: a GOAWAY leaves before its connection closes. */
  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    if (gathered != null) {
      flush(ctx);
    }
    ctx.close(promise);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (gathered != null) {
      gathered.release();
      gathered = null;
    }
  }

  private void passOn(ChannelHandlerContext ctx) {
    if (gathered != null) {
      ByteBuf all = gathered;
      gathered = null;
      ctx.write(all, ctx.voidPromise());
    }
  }
}
