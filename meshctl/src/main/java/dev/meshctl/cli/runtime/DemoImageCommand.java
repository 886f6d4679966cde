package dev.meshctl.cli.runtime;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.OwnVersion;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.FormatOption;
import dev.meshctl.cli.local.TimedProgress;
import dev.meshctl.image.LinkedJdk;
import dev.meshctl.image.ProgramImage;
import dev.meshctl.image.RuntimeImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meshctl demo image}. */
@Command(
    name = "image",
    description = {
      "Make the container image of the bookshop's services, without a container engine: to a tar"
          + " that nodes import, or to a registry.",
      "With it, samples/bookshop runs in a cluster as it stands."
    },
    footer = {
      "",
      "  meshctl demo image --tar bookshop.tar",
      "  meshctl demo image --push registry.example/samples/bookshop:1.0"
    })
public final class DemoImageCommand implements Action {
  @Mixin private ImageTarget target = new ImageTarget();

  @Option(
      names = "--name",
      paramLabel = "NAME:TAG",
      description = "With --tar: what nodes call it; by default what the sample's pods ask for.",
      defaultValue = "docker.io/meshctl/bookshop:1.0")
  private String name = "docker.io/meshctl/bookshop:1.0";

  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) throws IOException, InterruptedException {
    TimedProgress progress = new TimedProgress(session.output());
    Path samples = Path.of(System.getProperty("meshctl.root", "")).resolve("samples");
    Path lib = samples.resolve("services/target/services/lib");
    if (!Files.isDirectory(lib)) {
      throw CommandFailure.failed(
          "the sample services are not at " + lib.toAbsolutePath(),
          "run meshctl/bin/meshctl of a checkout, which builds them");
    }
    LinkedJdk jdk = LinkedJdks.of(session);
    progress.line("training the start-up cache of bookshop");
    RuntimeImage.Made made =
        ProgramImage.write(
            new ProgramImage.Parts(
                "bookshop",
                OwnVersion.required(),
                jdk,
                jars(lib),
                words(samples.resolve("bookshop/bin/bookshop.jvmflags")),
                words(samples.resolve("bookshop/bin/bookshop.memflags")),
                "dev.meshctl.samples.Bookshop",
                List.of("--train")),
            target.named(name));
    progress.line("image written");
    target.show(made, "", session.output(), format.format());
    return ExitCode.OK;
  }

  private static List<Path> jars(Path lib) throws IOException {
    try (Stream<Path> files = Files.list(lib)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
  }

  private static List<String> words(Path file) throws IOException {
    return List.of(Files.readString(file).strip().split("\\s+"));
  }
}
