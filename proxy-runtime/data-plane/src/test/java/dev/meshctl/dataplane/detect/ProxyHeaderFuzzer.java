package dev.meshctl.dataplane.detect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.detect.ProxyHeader.Read;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Whatever the first bytes of a connection are: they are left alone, a header is within its bounds,
 * what stands behind it does not change it, and nothing is decided before it is whole.
 */
public final class ProxyHeaderFuzzer {
  private ProxyHeaderFuzzer() {}

  public static void fuzzerTestOneInput(byte[] input) {
    Read all = read(input, input.length);
    int bytes =
        switch (all) {
          case Read.HandedOn(var version, var source, var destination, var length) -> {
            assertThat(source.isUnresolved()).isFalse();
            assertThat(destination.isUnresolved()).isFalse();
            yield within(version, length);
          }
          case Read.Own(var version, var length) -> within(version, length);
          case Read.Incomplete() -> input.length;
          case Read.Absent(), Read.Broken(_) -> 0;
        };
    assertThat(bytes).isLessThanOrEqualTo(input.length);
    if (bytes > 0 && !(all instanceof Read.Incomplete)) {
      assertThat(read(input, bytes)).isEqualTo(all);
    }
    for (int cut = 0; cut < Math.min(bytes, 128); cut++) {
      assertThat(read(input, cut)).isInstanceOf(Read.Incomplete.class);
    }
  }

  private static int within(int version, int bytes) {
    assertThat(bytes).isLessThanOrEqualTo(version == 1 ? 107 : ProxyHeader.MOST_BINARY_BYTES);
    return bytes;
  }

  private static Read read(byte[] input, int length) {
    ByteBuf in = Unpooled.wrappedBuffer(input, 0, length);
    Read read = ProxyHeader.read(in);
    assertThat(in.readerIndex()).isZero();
    assertThat(in.readableBytes()).isEqualTo(length);
    return read;
  }
}
