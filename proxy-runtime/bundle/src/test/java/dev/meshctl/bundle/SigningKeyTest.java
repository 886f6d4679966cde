package dev.meshctl.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SigningKeyTest {
  @TempDir Path folder;

  @Test
  void a_key_reads_as_it_was_written_and_is_open_to_its_owner_alone() throws IOException {
    SigningKey key = SigningKey.generate();
    Path file = folder.resolve("sign.pem");
    key.write(file);

    SigningKey read = SigningKey.read(file);

    assertThat(read.trusted().fingerprint()).isEqualTo(key.trusted().fingerprint());
    assertThat(TrustedKey.read(folder.resolve("sign.pem.pub")).verifies(read.sign(), new byte[0]))
        .isTrue();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void a_key_is_never_replaced() throws IOException {
    Path file = folder.resolve("sign.pem");
    SigningKey.generate().write(file);
    String before = Files.readString(file);

    assertThatThrownBy(() -> SigningKey.generate().write(file))
        .hasMessageContaining("sign.pem is there already");

    assertThat(file).hasContent(before);
  }

  @Test
  void a_key_that_others_may_read_is_not_used() throws IOException {
    Path file = folder.resolve("sign.pem");
    SigningKey.generate().write(file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

    assertThatThrownBy(() -> SigningKey.read(file)).hasMessageContaining("expected: rw-------");
  }

  @Test
  void halves_that_do_not_belong_together_are_noticed() throws IOException {
    Path file = folder.resolve("sign.pem");
    SigningKey.generate().write(file);
    Files.writeString(folder.resolve("sign.pem.pub"), SigningKey.generate().trusted().pem());

    assertThatThrownBy(() -> SigningKey.read(file))
        .hasMessageEndingWith("is not the public half of " + file);
  }

  @Test
  void what_is_no_key_is_named() throws IOException {
    Path file = Files.writeString(folder.resolve("x.pub"), "hello");

    assertThatThrownBy(() -> TrustedKey.read(file))
        .hasMessage(file + ": no PUBLIC KEY block in the PEM text");
  }
}
