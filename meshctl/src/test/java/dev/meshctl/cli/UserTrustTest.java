package dev.meshctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.bundle.TrustedKey;
import dev.meshctl.cli.runtime.UserTrust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserTrustTest {
  @TempDir Path folder;

  @Test
  void a_mesh_of_a_user_trusts_the_users_key_and_without_one_nothing() throws IOException {
    Map<String, String> environment =
        Map.of("XDG_CONFIG_HOME", folder.resolve("config").toString());
    UserTrust.install(environment, folder.resolve("none"));
    assertThat(folder.resolve("none")).doesNotExist();

    CommandLineFixture cli = CommandLineFixture.in(folder);
    assertThat(cli.run(environment, "runtime", "keygen").exitCode()).isZero();
    UserTrust.install(environment, folder.resolve("trust"));

    assertThat(TrustedKey.read(folder.resolve("trust/user.pub")).fingerprint())
        .isEqualTo(
            TrustedKey.read(folder.resolve("config/meshctl/runtime-signing.pem.pub"))
                .fingerprint());
    assertThat(Files.list(folder.resolve("trust"))).hasSize(1);
  }
}
