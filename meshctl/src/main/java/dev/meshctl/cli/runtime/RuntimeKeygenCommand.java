package dev.meshctl.cli.runtime;

import dev.meshctl.bundle.SigningKey;
import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.FormatOption;
import dev.meshctl.cli.render.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meshctl runtime keygen}. */
@Command(
    name = "keygen",
    description = {
      "Make a key that signs bundles (Ed25519, PEM): the private half for its owner alone, the"
          + " public half beside it as FILE.pub.",
      "A mesh runs only bundles of keys that it was told to trust."
    },
    footer = {"", "  meshctl runtime keygen"})
public final class RuntimeKeygenCommand implements Action {
  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where to; else ~/.config/meshctl/runtime-signing.pem.")
  private Optional<Path> out = Optional.empty();

  @Mixin private FormatOption format = new FormatOption();

  /** What was made. */
  private record Made(String privateKey, String publicKey, String fingerprint) {}

  @Override
  public ExitCode run(Session session) throws IOException {
    Path file = out.orElseGet(() -> SigningKeyFiles.usual(session.environment())).toAbsolutePath();
    Path folder = file.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    SigningKey key = SigningKey.generate();
    key.write(file);
    Made made =
        new Made(
            file.toString(), SigningKey.publicFile(file).toString(), key.trusted().fingerprint());
    if (format.format() == Format.text) {
      session.output().line("private key  " + made.privateKey + " (keep it to yourself)");
      session.output().line("public key   " + made.publicKey);
      session.output().line("fingerprint  " + made.fingerprint);
    } else {
      session.output().value(made, format.format());
    }
    return ExitCode.OK;
  }
}
