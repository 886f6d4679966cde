package dev.meshctl.cli.runtime;

import dev.meshctl.bundle.SigningKey;
import dev.meshctl.bundle.TrustedKey;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where a user's signing key is, when nothing else is said. */
public final class SigningKeyFiles {
  private SigningKeyFiles() {}

  /** {@code $XDG_CONFIG_HOME/meshctl/runtime-signing.pem}, or below {@code ~/.config}. */
  public static Path usual(Map<String, String> environment) {
    String configured = environment.getOrDefault("XDG_CONFIG_HOME", "");
    Path config =
        configured.isBlank()
            ? Path.of(environment.getOrDefault("HOME", "."), ".config")
            : Path.of(configured);
    return config.resolve("meshctl").resolve("runtime-signing.pem");
  }

  static SigningKey read(Session session, Optional<Path> named) throws IOException {
    Path file = named.orElseGet(() -> usual(session.environment()));
    if (!Files.exists(file)) {
      throw CommandFailure.refused(
          "there is no signing key " + file,
          List.of(),
          "make one with `meshctl runtime keygen"
              + (named.isPresent() ? " --out " + file : "")
              + "`, or name yours with --key");
    }
    return SigningKey.read(file);
  }

  /** Those named, or the user's own. */
  static List<TrustedKey> trusted(Session session, List<Path> named) throws IOException {
    List<Path> files =
        named.isEmpty() ? List.of(SigningKey.publicFile(usual(session.environment()))) : named;
    List<TrustedKey> keys = new java.util.ArrayList<>();
    for (Path file : files) {
      if (!Files.exists(file)) {
        throw CommandFailure.refused(
            "there is no public key " + file,
            List.of(),
            "name the key that you trust with --trust PUB");
      }
      keys.add(TrustedKey.read(file));
    }
    return keys;
  }
}
