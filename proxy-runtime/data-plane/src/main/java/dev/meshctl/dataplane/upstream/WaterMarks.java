package dev.meshctl.dataplane.upstream;

import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;

/**
 * How much may wait to be written to a peer before we stop reading from the other side.
 *
 * <p>Thread: any; stateless.
 */
public final class WaterMarks {
  // Two reads of 64 KiB must fit below the mark: else each pair of them stops and starts reading,
  // and
  // the peer is woken for each (a body of 1 MiB then costs 2.3 times as much).
  private static final int DEFAULT_BYTES = 256 * 1024;

  /** A peer that reads slowly makes us stop above the high mark, and go on below the low one. */
  public static final WriteBufferWaterMark DEFAULT = upTo(DEFAULT_BYTES);

  private WaterMarks() {}

  /**
   * Bounds what waits for {@code channel}.
   *
   * @param limitBytes 0 leaves the default
   */
  public static void bound(Channel channel, int limitBytes) {
    if (limitBytes > 0) {
      channel.config().setWriteBufferWaterMark(upTo(limitBytes));
    }
  }

  private static WriteBufferWaterMark upTo(int limitBytes) {
    return new WriteBufferWaterMark(limitBytes / 4, limitBytes);
  }
}
