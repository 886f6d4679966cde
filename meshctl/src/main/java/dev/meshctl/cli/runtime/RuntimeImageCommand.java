package dev.meshctl.cli.runtime;

import dev.meshctl.bundle.BundleFile;
import dev.meshctl.bundle.BundleWriter;
import dev.meshctl.bundle.SigningKey;
import dev.meshctl.bundle.VerifiedBundle;
import dev.meshctl.bundle.build.Staging;
import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.OwnVersion;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.FormatOption;
import dev.meshctl.cli.local.TimedProgress;
import dev.meshctl.cli.render.Output;
import dev.meshctl.image.CaptureTools;
import dev.meshctl.image.LinkedJdk;
import dev.meshctl.image.RuntimeImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meshctl runtime image}. */
@Command(
    name = "image",
    description = {
      "Make the container image of proxy, control plane and set-up of pods, without a container"
          + " engine: to a tar that nodes import, or to a registry (credentials of"
          + " ~/.docker/config.json).",
      "It has the C libraries of this machine, so it runs on its processor only."
    },
    footer = {
      "",
      "  meshctl runtime image --tar meshctl.tar --name localhost/meshctl:1.4.0",
      "  meshctl runtime image --push registry.example/mesh/meshctl:1.4.0"
    })
public final class RuntimeImageCommand implements Action {
  @Mixin private ImageTarget target = new ImageTarget();

  @Option(
      names = "--name",
      paramLabel = "NAME:TAG",
      description = "With --tar: what nodes call it; else localhost/meshctl:VERSION.")
  private Optional<String> name = Optional.empty();

  @Option(
      names = "--bundle",
      paramLabel = "FILE",
      description = "The runtime in it, built with --linked; else that of this meshctl.")
  private Optional<Path> bundle = Optional.empty();

  @Option(
      names = "--trust",
      paramLabel = "PUB",
      description = "With --bundle: a public key that is trusted; else your own.")
  private List<Path> trust = List.of();

  @Option(names = "--version", paramLabel = "V", description = "Its version; else that of meshctl.")
  private Optional<String> version = Optional.empty();

  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) throws IOException, InterruptedException {
    TimedProgress progress = new TimedProgress(session.output());
    LinkedJdk jdk = LinkedJdks.of(session);
    progress.line("Java runtime " + jdk.host().javaBuild());
    Path folder = Files.createTempDirectory("meshctl-image");
    try {
      VerifiedBundle verified = bundle(session, folder, jdk, progress);
      Path runtime = folder.resolve("unpacked");
      verified.unpack(runtime, Path.of(RuntimeImage.HOME, "runtime"));
      RuntimeImage.Parts parts =
          new RuntimeImage.Parts(
              verified.manifest().version(), jdk, runtime, tools(session), supervisor(session));
      if (parts.supervisor().isEmpty()) {
        session
            .output()
            .note(
                "note: without the supervisor, which was not compiled here (Debian: gcc, libc6-dev;"
                    + " then build meshctl again); process 1 is the proxy's JVM, and its pods cannot"
                    + " be patched while they run");
      }
      RuntimeImage.Made made =
          RuntimeImage.write(
              parts,
              target.named(name.orElse("localhost/meshctl:" + verified.manifest().version())));
      progress.line("image written");
      String first = parts.supervisor().isPresent() ? "supervisor" : "java";
      target.show(made, first, session.output(), format.format());
    } finally {
      TemporaryFolders.delete(folder);
    }
    return ExitCode.OK;
  }

  private VerifiedBundle bundle(Session session, Path folder, LinkedJdk jdk, TimedProgress progress)
      throws IOException, InterruptedException {
    if (bundle.isPresent()) {
      VerifiedBundle given =
          BundleFile.verify(bundle.get(), SigningKeyFiles.trusted(session, trust));
      given.checkFits(jdk.host());
      if (!given.manifest().requires().javaBuild().equals(jdk.host().javaBuild())) {
        session
            .output()
            .note(
                "note: the bundle's caches are for another JDK ("
                    + given.manifest().requires().javaBuild()
                    + "), so it starts slower; build it with `meshctl runtime build --linked`");
      }
      return given;
    }
    String named = version.orElseGet(OwnVersion::required);
    Staging staging = Bundles.stage(session, folder, jdk.host(), progress);
    Bundles.train(staging, jdk.home(), folder.resolve("training.log"), progress);
    // What stands in an image is vouched for by the image; the key is forgotten at once.
    SigningKey once = SigningKey.generate();
    Path file = folder.resolve("image.meshbundle");
    BundleWriter.write(
        staging.folder(), staging.description(named, jdk.host()), once, file, path -> {});
    return BundleFile.verify(file, List.of(once.trusted()));
  }

  private static CaptureTools tools(Session session) throws IOException {
    CaptureTools.Found found = CaptureTools.here(session.home().map(home -> home.resolve("bin")));
    if (!found.missing().isEmpty()) {
      session
          .output()
          .note(
              "note: without "
                  + Output.list(found.missing())
                  + ", which this machine has not (Debian: nftables, iptables; meshctl-cni is built"
                  + " with meshctl, by gcc and libc6-dev); pods cannot be set up by them");
    }
    return found.tools();
  }

  /** Process 1 of the container, where it was built. */
  private static Optional<Path> supervisor(Session session) {
    return session
        .home()
        .map(home -> home.resolve("bin").resolve("supervisor"))
        .filter(Files::isExecutable);
  }
}
