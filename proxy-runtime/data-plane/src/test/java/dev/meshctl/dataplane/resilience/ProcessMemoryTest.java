package dev.meshctl.dataplane.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;

class ProcessMemoryTest {
  private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(true);
  private final ProcessMemory memory = new ProcessMemory(allocator);

  @Test
  void buffers_in_use_count_and_those_given_back_do_not() {
    long most = 8L << 30;
    double before = memory.pressure(most, 2);

    ByteBuf buffer = allocator.directBuffer(256 << 20);
    double full = memory.pressure(most, 2);
    buffer.release();

    assertThat(full - before).isBetween(0.02, 0.2);
    assertThat(memory.pressure(most, 2)).isLessThan(full);
  }

  @Test
  void garbage_in_the_heap_is_no_pressure_where_care_is_taken() {
    // One byte would be all: the rough answer counts what nobody has collected yet.
    double rough = memory.pressure(1, Double.MAX_VALUE);
    double careful = memory.pressure(1, 0);

    assertThat(careful).isPositive().isLessThanOrEqualTo(rough);
  }
}
