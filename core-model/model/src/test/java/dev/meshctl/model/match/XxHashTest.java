package dev.meshctl.model.match;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class XxHashTest {
  @Test
  void hashes_are_those_of_the_specification() {
    assertThat(XxHash.of("", 0)).isEqualTo(0xEF46DB3751D8E999L);
    assertThat(XxHash.of("a", 0)).isEqualTo(0xD24EC4F1A98C6E5BL);
    assertThat(XxHash.of("abc", 0)).isEqualTo(0x44BC2CF5AD770999L);
    assertThat(XxHash.of("The quick brown fox jumps over the lazy dog", 0))
        .isEqualTo(0x0B242D361FDA71BCL);
  }
}
