package dev.meshctl.dataplane.upstream;

import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;

/**
 * How much may wait to be written to a peer before we stop reading from the other side.
 *
 * <p>Thread: any; stateless.
 */
public final class WaterMarks {
  /** A peer that reads slowly makes us stop above the high mark, and go on below the low one. */
  public static final WriteBufferWaterMark DEFAULT =
      new WriteBufferWaterMark(32 * 1024, 128 * 1024);

  private WaterMarks() {}

  /**
   * Bounds what waits for {@code channel}.
   *
   * @param limitBytes 0 leaves the default
   */
  public static void bound(Channel channel, int limitBytes) {
    if (limitBytes > 0) {
      channel
          .config()
          .setWriteBufferWaterMark(
              new WriteBufferWaterMark(Math.min(limitBytes / 2, DEFAULT.low()), limitBytes));
    }
  }
}
