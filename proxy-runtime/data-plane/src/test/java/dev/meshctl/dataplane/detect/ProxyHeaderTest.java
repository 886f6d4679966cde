package dev.meshctl.dataplane.detect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.detect.ProxyHeader.Read;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PROXY protocol headers, taken as they are meant and in no other way. */
class ProxyHeaderTest {
  private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

  private static ByteBuf text(String header) {
    return Unpooled.copiedBuffer(header, StandardCharsets.ISO_8859_1);
  }

  private static ByteBuf binary(String afterSignature) {
    return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(SIGNATURE + afterSignature));
  }

  @ParameterizedTest
  @CsvSource({
    "TCP4 192.0.2.1 198.51.100.2 56324 443, 192.0.2.1, 56324",
    "TCP6 2001:db8::1 2001:db8::2 0 65535, 2001:db8::1, 0"
  })
  void text_tells_both_addresses(String words, String source, int port) {
    ByteBuf in = text("PROXY " + words + "\r\nGET /");
    assertThat(ProxyHeader.read(in))
        .isInstanceOfSatisfying(
            Read.HandedOn.class,
            read -> {
              assertThat(read.version()).isEqualTo(1);
              assertThat(read.source()).isEqualTo(new InetSocketAddress(source, port));
              assertThat(read.bytes()).isEqualTo(in.readableBytes() - 5);
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TCP4 192.0.2.1 198.51.100.2 56324",
        "TCP4 192.0.2.1 198.51.100.2 56324 443 1",
        "TCP4  192.0.2.1 198.51.100.2 56324 443",
        "TCP4 192.0.2.1 198.51.100.2 056324 443",
        "TCP4 192.0.2.1 198.51.100.2 65536 443",
        "TCP4 192.0.2.1 198.51.100.2 +1 443",
        "TCP4 192.0.2.1 198.51.100.2 -1 443",
        "TCP4 192.0.2 198.51.100.2 1 443",
        "TCP4 2001:db8::1 2001:db8::2 1 443",
        "TCP4 localhost 198.51.100.2 1 443",
        "TCP6 192.0.2.1 198.51.100.2 1 443",
        "TCP6 fe80::1%eth0 2001:db8::2 1 443",
        "TCP6 [2001:db8::1] 2001:db8::2 1 443",
        "UDP4 192.0.2.1 198.51.100.2 1 443",
        "tcp4 192.0.2.1 198.51.100.2 1 443",
        ""
      })
  void text_that_is_not_exact_is_broken(String words) {
    assertThat(ProxyHeader.read(text("PROXY " + words + "\r\n"))).isInstanceOf(Read.Broken.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PROXY TCP4 192.0.2.1 198.51.100.2 1 2\n", "PROXY UNKNOWN\n"})
  void a_line_must_end_with_both_its_bytes(String header) {
    assertThat(ProxyHeader.read(text(header))).isInstanceOf(Read.Broken.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PROXY UNKNOWN\r\n", "PROXY UNKNOWN ffff::1 whatever 1 2\r\n"})
  void unknown_leaves_the_addresses_as_they_are(String header) {
    assertThat(ProxyHeader.read(text(header))).isEqualTo(new Read.Own(1, header.length()));
  }

  @ParameterizedTest
  @ValueSource(ints = {107, 108, 5000})
  void a_line_without_end_is_broken_after_107_bytes(int length) {
    assertThat(ProxyHeader.read(text("PROXY " + "x".repeat(length - 6))))
        .isInstanceOf(Read.Broken.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET / HTTP/1.1\r\n", "PROX\r\n", "proxy TCP4", "\r\n\r\nx"})
  void what_begins_otherwise_is_no_header(String first) {
    assertThat(ProxyHeader.read(text(first))).isEqualTo(new Read.Absent());
  }

  @ParameterizedTest
  @CsvSource({
    "21 11 000c c0000201 c6336402 dc04 01bb, 192.0.2.1, 56324",
    "21 11 0013 c0000201 c6336402 dc04 01bb 04 0001 00 ff 0000, 192.0.2.1, 56324",
    "21 21 0024 20010db8000000000000000000000001 20010db8000000000000000000000002 0001 0002,"
        + " 2001:db8::1, 1"
  })
  void binary_tells_both_addresses_and_values_are_passed_over(
      String bytes, String source, int port) {
    ByteBuf in = binary(bytes.replace(" ", ""));
    assertThat(ProxyHeader.read(in))
        .isInstanceOfSatisfying(
            Read.HandedOn.class,
            read -> {
              assertThat(read.source()).isEqualTo(new InetSocketAddress(source, port));
              assertThat(read.bytes()).isEqualTo(in.readableBytes());
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Another version, another command.
        "11 11 000c c0000201 c6336402 dc04 01bb",
        "22 11 000c c0000201 c6336402 dc04 01bb",
        // Too short; datagrams; Unix sockets; values that do not add up.
        "21 11 000b c0000201 c6336402 dc04 01",
        "21 12 000c c0000201 c6336402 dc04 01bb",
        "21 31 000c c0000201 c6336402 dc04 01bb",
        "21 11 000e c0000201 c6336402 dc04 01bb 04 00",
        "21 11 000f c0000201 c6336402 dc04 01bb 04 0001",
        // Longer than we keep.
        "21 11 1000"
      })
  void binary_that_is_not_exact_is_broken(String bytes) {
    assertThat(ProxyHeader.read(binary(bytes.replace(" ", "")))).isInstanceOf(Read.Broken.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"20 00 0000", "20 11 000c c0000201 c6336402 dc04 01bb", "21 00 0002 ffff"})
  void a_sender_may_speak_for_itself(String bytes) {
    ByteBuf in = binary(bytes.replace(" ", ""));
    assertThat(ProxyHeader.read(in)).isEqualTo(new Read.Own(2, in.readableBytes()));
  }

  @Provide
  Arbitrary<byte[]> headers() {
    return Arbitraries.of(
            "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n".getBytes(StandardCharsets.US_ASCII),
            "PROXY UNKNOWN\r\n".getBytes(StandardCharsets.US_ASCII),
            ByteBufUtil.decodeHexDump(SIGNATURE + "2111000cc0000201c6336402dc0401bb"))
        .map(byte[]::clone);
  }

  @Property
  void a_header_cut_short_is_incomplete(@ForAll("headers") byte[] header, @ForAll int at) {
    int cut = Math.floorMod(at, header.length);
    assertThat(ProxyHeader.read(Unpooled.wrappedBuffer(header, 0, cut)))
        .isEqualTo(new Read.Incomplete());
  }

  @Property
  void no_bytes_at_all_make_it_fail(@ForAll("headers") byte[] header, @ForAll byte[] noise) {
    byte[] both = new byte[header.length + noise.length];
    System.arraycopy(header, 0, both, 0, header.length);
    System.arraycopy(noise, 0, both, header.length, noise.length);
    for (int i = 0; i < noise.length; i++) {
      both[Math.floorMod(noise[i] * 31 + i, both.length)] = noise[i];
    }
    assertThat(ProxyHeader.read(Unpooled.wrappedBuffer(both))).isNotNull();
    assertThat(ProxyHeader.read(Unpooled.wrappedBuffer(noise))).isNotNull();
  }
}
