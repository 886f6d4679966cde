package dev.meshctl.cli.runtime;

import dev.meshctl.cli.CommandFailure;
import java.util.List;
import java.util.Optional;

/** The version of this meshctl. */
final class Versions {
  private Versions() {}

  static String ours() {
    return Optional.ofNullable(Versions.class.getPackage().getImplementationVersion())
        .orElseThrow(() ->
            CommandFailure.refused(
                "this meshctl runs from classes and has no version", List.of(), "give --version"));
  }
}
