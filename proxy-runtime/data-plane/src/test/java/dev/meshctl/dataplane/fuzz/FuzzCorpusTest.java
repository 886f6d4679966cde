package dev.meshctl.dataplane.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every input that is kept, findings of the past among them, and small changes of each. */
class FuzzCorpusTest {
  private static final int CHANGES = 200;

  @TestFactory
  Stream<DynamicTest> inputs_that_are_kept_hold() {
    return Arrays.stream(Fuzzer.values())
        .flatMap(fuzzer -> {
          try {
            return fuzzer.inputs().stream()
                .map(input ->
                    DynamicTest.dynamicTest(
                        fuzzer + " " + input.getFileName(),
                        () -> fuzzer.test(Files.readAllBytes(input))));
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
  }

  @ParameterizedTest
  @EnumSource(Fuzzer.class)
  void inputs_that_were_changed_a_little_hold(Fuzzer fuzzer) throws IOException {
    SplittableRandom dice = new SplittableRandom(42);
    assertThat(fuzzer.inputs()).isNotEmpty();
    for (Path input : fuzzer.inputs()) {
      byte[] kept = Files.readAllBytes(input);
      for (int i = 0; i < CHANGES; i++) {
        byte[] changed = changed(kept, dice);
        assertThatCode(() -> fuzzer.test(changed))
            .as("%s %s as %s", fuzzer, input.getFileName(), HexFormat.of().formatHex(changed))
            .doesNotThrowAnyException();
      }
    }
  }

  private static byte[] changed(byte[] kept, SplittableRandom dice) {
    byte[] changed = Arrays.copyOf(kept, Math.max(1, kept.length - dice.nextInt(3)));
    for (int changes = dice.nextInt(1, 4); changes > 0; changes--) {
      int at = dice.nextInt(changed.length);
      switch (dice.nextInt(3)) {
        case 0 -> changed[at] = (byte) dice.nextInt(256);
        case 1 -> changed[at] ^= (byte) (1 << dice.nextInt(8));
        default -> {
          int from = dice.nextInt(changed.length);
          int length = Math.min(dice.nextInt(16), changed.length - Math.max(at, from));
          System.arraycopy(changed, from, changed, at, length);
        }
      }
    }
    return changed;
  }
}
