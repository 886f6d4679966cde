package dev.meshctl.dataplane.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;

/**
 * A channel for one input of a fuzzer: cuts it into reads, and at the end finds what was not given
 * back.
 */
final class FuzzPipe implements AutoCloseable {
  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
  final EmbeddedChannel channel = new EmbeddedChannel();
  final LoopResources resources = new LoopResources(channel.eventLoop(), allocator);

  FuzzPipe() {
    channel.config().setAllocator(allocator);
  }

  /** Feeds {@code data} from {@code from} on, in reads of {@code cut} bytes; 0 is all at once. */
  void feed(byte[] data, int from, int cut) {
    int size = cut == 0 ? data.length : cut;
    for (int at = from; at < data.length && channel.isOpen(); at += size) {
      int length = Math.min(size, data.length - at);
      ByteBuf read = allocator.directBuffer(length);
      read.writeBytes(data, at, length);
      channel.writeInbound(read);
      drain();
    }
  }

  /** Lets go of what was written. */
  void drain() {
    channel.runPendingTasks();
    for (Object out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      io.netty.util.ReferenceCountUtil.release(out);
    }
  }

  /** The connection ends; whatever it still held must be given back. */
  @Override
  public void close() {
    // Past the handlers: HTTP/2 would wait for its streams.
    channel.unsafe().close(channel.newPromise());
    drain();
    channel.finishAndReleaseAll();
    channel.runPendingTasks();
    long left = allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
    if (left != 0) {
      throw new AssertionError(left + " bytes of buffers were not given back");
    }
  }

  static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
