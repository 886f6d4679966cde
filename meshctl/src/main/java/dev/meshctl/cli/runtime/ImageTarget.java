package dev.meshctl.cli.runtime;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Output;
import dev.meshctl.image.RuntimeImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Where an image goes, and what is said of it when it is there. */
final class ImageTarget {
  @ArgGroup(multiplicity = "1")
  private Where where = new Where();

  private static final class Where {
    @Option(names = "--tar", paramLabel = "FILE", required = true, description = "To this file.")
    private Optional<Path> tar = Optional.empty();

    @Option(
        names = "--push",
        paramLabel = "REGISTRY/NAME:TAG",
        required = true,
        description = "To this registry.")
    private Optional<String> push = Optional.empty();
  }

  @Option(
      names = "--insecure",
      description = "With --push: a registry without a certificate that holds will do.")
  private boolean insecure;

  /**
   * @param name of it in a tar
   */
  RuntimeImage.Destination named(String name) {
    if (where.push.isPresent()) {
      return new RuntimeImage.Destination.Registry(where.push.get(), insecure);
    }
    Path tar =
        where.tar.orElseThrow(
            () -> CommandFailure.refused("no --tar and no --push", List.of(), ""));
    return new RuntimeImage.Destination.Tar(tar.toAbsolutePath(), name);
  }

  /** What people are shown. */
  private record View(
      String name, String digest, String id, String file, long bytes, String processOne) {}

  /**
   * @param processOne the program that is process 1; empty where there is only one that it could be
   */
  void show(RuntimeImage.Made made, String processOne, Output output, Format format)
      throws IOException {
    String file = where.tar.map(Path::toString).orElse("");
    long bytes = where.tar.isPresent() ? Files.size(where.tar.get()) : 0;
    if (format != Format.text) {
      output.value(
          new View(made.name(), made.digest(), made.id(), file, bytes, processOne), format);
      return;
    }
    output.line("image   " + made.name());
    output.line("digest  " + made.digest());
    if (!processOne.isEmpty()) {
      output.line("pid 1   " + processOne);
    }
    if (!file.isEmpty()) {
      output.line("file    " + file + ", " + BundleView.megabytes(bytes) + " compressed");
    }
  }
}
