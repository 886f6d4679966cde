package dev.meshctl.dataplane.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * Collects small writes of an HTTP/1 connection in one buffer, so that a head and a small body
 * leave together; large buffers pass as they are.
 *
 * <p>Thread: confined to one event loop.
 */
final class OutputStage implements LoopResources.Flushable {
  private static final int SMALL_BYTES = 8192;

  private final LoopResources resources;
  private final ChannelHandlerContext context;
  private @Nullable ByteBuf staged;
  private boolean enlisted;

  OutputStage(LoopResources resources, ChannelHandlerContext context) {
    this.resources = resources;
    this.context = context;
  }

  /**
   * A buffer to append to, with room for {@code bytes}; owned by this.
   *
   * @param likelyMore bytes that may follow soon
   */
  ByteBuf append(int bytes, long likelyMore) {
    enlist();
    ByteBuf buffer = staged;
    if (buffer != null && buffer.writableBytes() >= bytes) {
      return buffer;
    }
    writeStaged();
    int more = likelyMore > 0 && likelyMore <= SMALL_BYTES ? (int) likelyMore : 0;
    buffer = resources.allocator().directBuffer(bytes + more);
    staged = buffer;
    return buffer;
  }

  /** Takes {@code data}. */
  void write(ByteBuf data) {
    enlist();
    ByteBuf buffer = staged;
    if (buffer != null && data.readableBytes() <= buffer.writableBytes()) {
      buffer.writeBytes(data);
      data.release();
      return;
    }
    writeStaged();
    context.write(data, context.voidPromise());
  }

  private void enlist() {
    if (!enlisted) {
      enlisted = true;
      resources.flushLater(this);
    }
  }

  private void writeStaged() {
    ByteBuf buffer = staged;
    if (buffer != null) {
      staged = null;
      context.write(buffer, context.voidPromise());
    }
  }

  @Override
  public void flushNow() {
    enlisted = false;
    writeStaged();
    context.flush();
  }

  /** Frees what was not written. */
  void discard() {
    ByteBuf buffer = staged;
    staged = null;
    if (buffer != null) {
      buffer.release();
    }
  }
}
