package dev.meshctl.model.resource;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpBlockTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8,10.0.0.0,8",
    "10.1.2.3,10.1.2.3,32",
    "0.0.0.0/0,0.0.0.0,0",
    "::1,::1,128",
    "2001:db8::/32,2001:db8::,32",
    "::ffff:10.0.0.1,::ffff:10.0.0.1,32"
  })
  void an_address_or_a_range_is_read(String text, String address, int length) {
    assertThat(IpBlock.parse(text)).contains(new IpBlock(address, length));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/8",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/08",
        "10.0.0.0/8/8",
        "10.1",
        "256.0.0.1",
        "::1/129",
        "[::1]",
        "fe80::1%eth0",
        "::ffff:10.0.0.0/104",
        "web.shop",
        "1:2"
      })
  void what_is_neither_is_nothing(String text) {
    assertThat(IpBlock.parse(text)).isEmpty();
  }
}
