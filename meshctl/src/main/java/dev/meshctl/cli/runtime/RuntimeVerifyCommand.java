package dev.meshctl.cli.runtime;

import dev.meshctl.bundle.BundleException;
import dev.meshctl.bundle.BundleFile;
import dev.meshctl.bundle.Host;
import dev.meshctl.bundle.VerifiedBundle;
import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.FormatOption;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code meshctl runtime verify}. */
@Command(
    name = "verify",
    description = {
      "Find a bundle whole, unaltered and signed by a trusted key, and show what is in it.",
      "Exit code 1 where it is not; what is wrong is named."
    },
    footer = {"", "  meshctl runtime verify meshctl-1.4.0.meshbundle --trust mesh.pub"})
public final class RuntimeVerifyCommand implements Action {
  @Parameters(paramLabel = "FILE", description = "The bundle.")
  private Path file = Path.of("");

  @Option(
      names = "--trust",
      paramLabel = "PUB",
      description = "A public key that is trusted (several may be); else your own.")
  private List<Path> trust = List.of();

  @Option(names = "--entries", description = "Show each entry, too.")
  private boolean entries;

  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) throws IOException {
    VerifiedBundle bundle;
    try {
      bundle = BundleFile.verify(file, SigningKeyFiles.trusted(session, trust));
    } catch (BundleException refused) {
      throw refused(file, refused);
    }
    if (format.format() == Format.text) {
      show(bundle, session.output());
    } else {
      session.output().value(BundleView.of(bundle), format.format());
    }
    return ExitCode.OK;
  }

  static CommandFailure refused(Path file, BundleException refused) {
    return CommandFailure.failed(
        file + " is refused (" + refused.reason() + "): " + refused.getMessage(),
        switch (refused.reason()) {
          case CUT_SHORT -> "fetch it again";
          case ALTERED, BAD_SIGNATURE, OTHER_BUNDLE ->
              "do not use it; fetch it from whom you trust";
          case UNTRUSTED_KEY -> "name the key that you trust with --trust PUB";
          case NEWER_SCHEMA -> "upgrade meshctl";
          case DOES_NOT_FIT, DOWNGRADE -> "build or choose one that fits";
          case MALFORMED, TOO_LARGE, UNSAFE_PATH -> "build it with `meshctl runtime build`";
        });
  }

  private void show(VerifiedBundle bundle, Output output) throws IOException {
    BundleView view = BundleView.of(bundle);
    output.line("version   " + view.version() + " (build " + view.buildId() + ")");
    output.line("digest    " + view.digest());
    output.line("signer    " + view.signer());
    output.line(
        "size      "
            + BundleView.megabytes(view.bytes())
            + ", unpacked "
            + BundleView.megabytes(view.unpackedBytes())
            + ", "
            + view.entries().size()
            + " entries");
    output.line(
        "for       "
            + view.requires().os()
            + "/"
            + view.requires().arch()
            + ", JDK "
            + view.requires().javaFeature()
            + "; caches for "
            + view.requires().javaBuild());
    output.line("programs  " + Output.list(view.programs()));
    if (entries) {
      Table table = Table.of("ENTRY", "BYTES", "PACKED", "SHA-256").right(1, 2).shrinkable(3);
      view.entries().forEach(e -> table.row(e.path(), e.bytes(), e.packedBytes(), e.sha256()));
      output.table(table);
    }
    try {
      bundle.checkFits(Host.here());
    } catch (BundleException elsewhere) {
      output.note("note: it does not run here: " + elsewhere.getMessage());
    }
  }
}
