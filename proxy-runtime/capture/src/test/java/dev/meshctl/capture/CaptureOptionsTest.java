package dev.meshctl.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaptureOptionsTest {
  @Test
  void all_and_none_and_nothing_said_are_three_things() {
    assertThat(parsed().inbound().only()).as("nothing said").isEmpty();
    assertThat(parsed("--include-inbound-ports=*").inbound().only()).isEmpty();
    assertThat(parsed("--include-inbound-ports=none").inbound().only())
        .isEqualTo(Optional.of(List.of()));
    assertThat(parsed("--include-outbound-blocks=none").outbound().only())
        .isEqualTo(Optional.of(List.of()));
    assertThat(parsed("--include-outbound-blocks=10.0.0.0/8, fd00::/8").outbound().only())
        .isEqualTo(Optional.of(List.of("10.0.0.0/8", "fd00::/8")));
  }

  @Test
  void the_sidecar_is_known_by_user_and_group_unless_something_else_is_said() {
    assertThat(parsed().proxy().users()).containsExactly(1337);
    assertThat(parsed().proxy().groups()).containsExactly(1337);
    assertThat(parsed("--proxy-uid=none", "--proxy-gid=99,100").proxy().users()).isEmpty();
    assertThat(parsed("--proxy-uid=none", "--proxy-gid=99,100").proxy().groups())
        .containsExactly(99, 100);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --include-ports=1             | what is --include-ports=1? (expected: NAME=VALUE with
          --dns-port                    | what is --dns-port? (expected: NAME=VALUE with
          --exclude-inbound-ports=80-90 | --exclude-inbound-ports: '80-90' (expected: a number of
          --outbound-port=70000         | --outbound-port: '70000' (expected: a number of
          --exclude-outbound-blocks=x   | --exclude-outbound-blocks: 'x' (expected: a block of
          """)
  void what_is_not_an_option_is_told_with_what_is_expected(String word, String message) {
    assertThatThrownBy(() -> parsed(word))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  private static CapturePlan parsed(String... words) {
    return CaptureOptions.parse(List.of(words), List.of(), List.of());
  }
}
