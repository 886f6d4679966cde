package dev.meshctl.dataplane.detect;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Chooses between HTTP/1 and HTTP/2 by the connection preface (RFC 9113 3.4), whatever ALPN said;
 * four bytes tell.
 *
 * <p>Thread: confined to the loop of the connection.
 */
public final class CodecSniffer extends ChannelInboundHandlerAdapter {
  private static final String PREFACE_START = "PRI ";

  private final Consumer<Boolean> chosen;
  private @Nullable ByteBuf held;

  /**
   * @param chosen puts the codec behind; told whether the client speaks HTTP/2
   */
  public CodecSniffer(Consumer<Boolean> chosen) {
    this.chosen = chosen;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf before = held;
    ByteBuf in =
        before == null ? (ByteBuf) message : Unpooled.wrappedBuffer(before, (ByteBuf) message);
    held = in;
    boolean matches = matches(in);
    if (matches && in.readableBytes() < PREFACE_START.length()) {
      return;
    }
    held = null;
    chosen.accept(matches);
    ctx.fireChannelRead(in);
    ctx.pipeline().remove(this);
  }

  private static boolean matches(ByteBuf in) {
    int start = in.readerIndex();
    int compared = Math.min(PREFACE_START.length(), in.readableBytes());
    for (int i = 0; i < compared; i++) {
      if (in.getByte(start + i) != PREFACE_START.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    ByteBuf rest = held;
    held = null;
    if (rest != null) {
      rest.release();
    }
  }

  /** Who says no more has not said enough. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      ctx.close();
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
