package dev.meshctl.dataplane.detect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.detect.ProxyHeaderReader.HandedOn;
import dev.meshctl.model.xds.ProxyProtocol;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProxyHeaderReaderTest {
  private final List<Optional<HandedOn>> told = new ArrayList<>();
  private final EmbeddedChannel channel =
      new EmbeddedChannel(
          new ProxyHeaderReader(
              ProxyProtocol.REQUIRED,
              0,
              new ProxyHeaderReader.Listener() {
                @Override
                public void read(Optional<HandedOn> client) {
                  told.add(client);
                }

                @Override
                public boolean goesOnWithout() {
                  return false;
                }
              }));

  /** The longest that is taken: views of views would nest four thousand deep. */
  @Test
  void a_long_header_may_come_byte_by_byte() {
    int values = ProxyHeader.MOST_BINARY_BYTES - 16 - 12 - 3;
    ByteBuf header = Unpooled.buffer();
    header.writeBytes(new byte[] {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51});
    header.writeBytes(new byte[] {0x55, 0x49, 0x54, 0x0A, 0x21, 0x11});
    header.writeShort(12 + 3 + values);
    header.writeBytes(new byte[] {(byte) 192, 0, 2, 1, (byte) 198, 51, 100, 2});
    header.writeShort(56324).writeShort(443);
    header.writeByte(0x04).writeShort(values).writeZero(values);
    header.writeByte('x');
    while (header.isReadable()) {
      channel.writeInbound(header.readRetainedSlice(1));
    }
    header.release();
    assertThat(told).singleElement().satisfies(client -> assertThat(client).isPresent());
    ByteBuf rest = channel.readInbound();
    assertThat(rest.readByte()).isEqualTo((byte) 'x');
    rest.release();
    assertThat(channel.finish()).isFalse();
  }

  @Test
  void a_connection_that_ends_in_its_header_leaves_nothing() {
    ByteBuf begun = Unpooled.copiedBuffer("PROXY TCP4", StandardCharsets.US_ASCII);
    channel.writeInbound(begun);
    channel.close();
    assertThat(begun.refCnt()).isZero();
    assertThat(told).isEmpty();
  }
}
