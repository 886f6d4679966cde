package dev.meshctl.net.loop;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The data plane's event loops and their buffer allocator; {@link #close} ends both.
 *
 * <p>Thread: any.
 */
public final class Loops implements AutoCloseable {
  private static final int PAGE_BYTES = 8192;

  /** 1 MiB chunks: a proxy's buffers are small and few. */
  private static final int CHUNK_ORDER = 7;

  private final Transport transport;
  private final MultiThreadIoEventLoopGroup group;
  private final List<EventLoop> loops;
  private final PooledByteBufAllocator allocator;

  private Loops(Transport transport, int count, String name) {
    this.transport = transport;
    this.group =
        new MultiThreadIoEventLoopGroup(
            count, new DefaultThreadFactory(name, true), transport.ioHandlers());
    List<EventLoop> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(group.next());
    }
    this.loops = List.copyOf(all);
    this.allocator =
        new PooledByteBufAllocator(true, 0, count, PAGE_BYTES, CHUNK_ORDER, 64, 32, true);
  }

  /**
   * Starts {@code count} loops (at least 1) on the best transport here.
   *
   * @param name prefix of the threads' names
   */
  public static Loops start(int count, String name) {
    return start(Transport.best(), count, name);
  }

  public static Loops start(Transport transport, int count, String name) {
    if (count < 1) {
      throw new IllegalArgumentException("count: " + count + " (expected: >= 1)");
    }
    return new Loops(transport, count, name);
  }

  public Transport transport() {
    return transport;
  }

  /** Each loop once, always in the same order. */
  public List<EventLoop> all() {
    return loops;
  }

  public PooledByteBufAllocator allocator() {
    return allocator;
  }

  /** Ends the loops and waits for them, at most 5 s. */
  @Override
  public void close() {
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
