package dev.meshctl.dataplane.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GatheredWritesTest {
  private final EmbeddedChannel channel = new EmbeddedChannel(new GatheredWrites());

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private static ByteBuf text(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  private static ByteBuf bytes(int count) {
    return Unpooled.wrappedBuffer(new byte[count]);
  }

  private List<Integer> sizes() {
    List<Integer> sizes = new ArrayList<>();
    for (ByteBuf next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
      sizes.add(next.readableBytes());
      next.release();
    }
    return sizes;
  }

  @Test
  void small_writes_leave_as_one_buffer_in_their_order() {
    ByteBuf head = text("head ");
    assertThat(channel.write(head).isSuccess()).isTrue();
    assertThat(head.refCnt()).isZero();
    channel.write(text("payload"));
    assertThat(channel.outboundMessages()).isEmpty();

    channel.flush();

    ByteBuf all = channel.readOutbound();
    assertThat(all.toString(StandardCharsets.US_ASCII)).isEqualTo("head payload");
    all.release();
    assertThat(channel.outboundMessages()).isEmpty();
  }

  @Test
  void a_large_write_keeps_its_place_and_is_not_copied() {
    ByteBuf large = bytes(1025);
    channel.write(bytes(9));
    channel.write(large);
    channel.write(bytes(9));
    channel.flush();

    ByteBuf first = channel.readOutbound();
    ByteBuf second = channel.readOutbound();
    assertThat(first.readableBytes()).isEqualTo(9);
    assertThat(second).isSameAs(large);
    first.release();
    second.release();
    assertThat(sizes()).containsExactly(9);
  }

  @Test
  void what_does_not_fit_goes_into_the_next_buffer() {
    for (int i = 0; i < 9; i++) {
      channel.write(bytes(1000));
    }
    channel.flush();
    assertThat(sizes()).containsExactly(8000, 1000);
  }

  @Test
  void above_the_high_mark_a_write_succeeds_only_when_it_has_left() {
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1024, 2048));
    channel.write(bytes(4096));
    assertThat(channel.isWritable()).isFalse();

    ChannelFuture small = channel.write(bytes(9));
    assertThat(small.isDone()).isFalse();

    channel.flush();
    assertThat(small.isSuccess()).isTrue();
    assertThat(sizes()).containsExactly(4096, 9);
  }

  @Test
  void what_waits_leaves_before_the_connection_closes() {
    channel.write(text("goaway"));
    channel.close();
    assertThat(sizes()).containsExactly(6);
  }

  @Test
  void what_waits_is_released_with_the_connection() {
    channel.write(text("lost"));
    // Past the handlers, as after a reset.
    channel.unsafe().close(channel.voidPromise());
    channel.runPendingTasks();
    assertThat(channel.outboundMessages()).isEmpty();
    assertThat(channel.pipeline().get(GatheredWrites.class)).isNull();
  }

  @Test
  void after_the_close_a_write_fails() {
    channel.close();
    assertThat(channel.write(text("late")).isSuccess()).isFalse();
  }
}
