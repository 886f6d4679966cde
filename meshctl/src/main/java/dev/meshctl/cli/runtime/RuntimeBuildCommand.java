package dev.meshctl.cli.runtime;

import dev.meshctl.bundle.BundleFile;
import dev.meshctl.bundle.BundleWriter;
import dev.meshctl.bundle.Host;
import dev.meshctl.bundle.SigningKey;
import dev.meshctl.bundle.VerifiedBundle;
import dev.meshctl.bundle.build.Staging;
import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.OwnVersion;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.FormatOption;
import dev.meshctl.cli.local.TimedProgress;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meshctl runtime build}. */
@Command(
    name = "build",
    description = {
      "Build the runtime of this meshctl as a signed bundle: the jars that it needs, native"
          + " libraries, and start-up caches trained by running a small mesh.",
      "The caches are good for the JDK that trained them; elsewhere a bundle runs without."
    },
    footer = {"", "  meshctl runtime build --version 1.4.0"})
public final class RuntimeBuildCommand implements Action {
  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where to; else meshctl-VERSION.meshbundle here.")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description = "Private key that signs; else your own (`meshctl runtime keygen`).")
  private Optional<Path> key = Optional.empty();

  @Option(names = "--version", paramLabel = "V", description = "Its version; else that of meshctl.")
  private Optional<String> version = Optional.empty();

  @Option(
      names = "--jdk",
      paramLabel = "DIR",
      description = "JDK or runtime of the same build that the bundle is for; else the one in use.")
  private Optional<Path> jdk = Optional.empty();

  @Option(names = "--linked", description = "For the Java runtime of `meshctl runtime image`.")
  private boolean linked;

  @Option(names = "--no-training", description = "Without caches: quicker built, slower to start.")
  private boolean untrained;

  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) throws IOException, InterruptedException {
    SigningKey signing = SigningKeyFiles.read(session, key);
    String named = version.orElseGet(OwnVersion::required);
    Path file = out.orElseGet(() -> Path.of("meshctl-" + named + ".meshbundle")).toAbsolutePath();
    TimedProgress progress = new TimedProgress(session.output());
    Path folder = Files.createTempDirectory("meshctl-runtime");
    try {
      Optional<Path> home = linked ? Optional.of(LinkedJdks.of(session).home()) : jdk;
      Host host = home.isPresent() ? Host.linked(home.get()) : Host.here();
      Staging staging = Bundles.stage(session, folder, host, progress);
      if (!untrained) {
        Bundles.train(
            staging,
            home.orElseGet(() -> Path.of(System.getProperty("java.home"))),
            folder.resolve("training.log"),
            progress);
      }
      BundleWriter.write(
          staging.folder(), staging.description(named, host), signing, file, path -> {});
      VerifiedBundle bundle = BundleFile.verify(file, List.of(signing.trusted()));
      progress.line("packed, signed and verified");
      show(bundle, session.output());
    } finally {
      TemporaryFolders.delete(folder);
    }
    return ExitCode.OK;
  }

  private void show(VerifiedBundle bundle, Output output) {
    BundleView view = BundleView.of(bundle);
    if (format.format() == Format.text) {
      output.line("bundle    " + view.file());
      output.line("version   " + view.version() + " (build " + view.buildId() + ")");
      output.line("digest    " + view.digest());
      output.line(
          "size      "
              + BundleView.megabytes(view.bytes())
              + ", unpacked "
              + BundleView.megabytes(view.unpackedBytes()));
    } else {
      output.value(view, format.format());
    }
  }
}
