package dev.meshctl.cli.runtime;

import dev.meshctl.bundle.build.Staging.Distribution;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The build that this meshctl runs from. */
final class Distributions {
  private Distributions() {}

  static Distribution of(Session session) throws IOException {
    Path home =
        session
            .home()
            .orElseThrow(() ->
                CommandFailure.refused(
                    "this meshctl runs from classes, which make no bundle",
                    List.of(),
                    "run it by meshctl/bin/meshctl"));
    Path root = Path.of(System.getProperty("meshctl.root", ""));
    String flags = Files.readString(root.resolve("meshctl/bin/runtime.jvmflags"));
    return new Distribution(
        home.resolve("lib"), home.resolve("native"), List.of(flags.strip().split("\\s+")));
  }
}
