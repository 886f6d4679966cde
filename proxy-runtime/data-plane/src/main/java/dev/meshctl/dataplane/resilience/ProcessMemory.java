package dev.meshctl.dataplane.resilience;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;

/**
 * The memory of this process: its heap and its buffers, by the fuller of the two where each has its
 * own limit.
 *
 * <p>What lies in the heap is mostly garbage that nobody has collected yet. A full heap therefore
 * counts only where the last collection of each part of it has left it full; the beans that know
 * are not loaded before the heap looks full.
 *
 * <p>Thread: one caller at a time.
 */
public final class ProcessMemory implements MemoryGauge {
  private final PooledByteBufAllocator allocator;

  public ProcessMemory(PooledByteBufAllocator allocator) {
    this.allocator = allocator;
  }

  @Override
  public double pressure(long maxBytes, double care) {
    Runtime runtime = Runtime.getRuntime();
    long buffers = allocator.pinnedDirectMemory();
    long heap = runtime.totalMemory() - runtime.freeMemory();
    double rough = pressure(maxBytes, heap, buffers, runtime.maxMemory());
    return rough < care ? rough : pressure(maxBytes, surviving(), buffers, runtime.maxMemory());
  }

  private static double pressure(long maxBytes, long heap, long buffers, long maxHeap) {
    return maxBytes > 0
        ? (double) (heap + buffers) / maxBytes
        : Math.max((double) heap / maxHeap, (double) buffers / PlatformDependent.maxDirectMemory());
  }

  private static long surviving() {
    long bytes = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      MemoryUsage left = pool.getType() == MemoryType.HEAP ? pool.getCollectionUsage() : null;
      if (left != null) {
        bytes += left.getUsed();
      }
    }
    return bytes;
  }
}
