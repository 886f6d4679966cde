package dev.meshctl.cli.runtime;

import dev.meshctl.bundle.SigningKey;
import dev.meshctl.bundle.TrustedKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What a mesh on this machine trusts: the signing key of the user who starts it. */
public final class UserTrust {
  private UserTrust() {}

  /**
   * Writes the public half of the user's key into {@code folder}; does nothing where the user has
   * none, and then the mesh takes no bundle.
   */
  public static void install(Map<String, String> environment, Path folder) throws IOException {
    Path key = SigningKey.publicFile(SigningKeyFiles.usual(environment));
    if (Files.isReadable(key)) {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("user.pub"), TrustedKey.read(key).pem());
    }
  }
}
