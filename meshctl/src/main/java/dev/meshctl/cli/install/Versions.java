package dev.meshctl.cli.install;

import java.util.Optional;

/** Which meshctl this is. */
final class Versions {
  private static final String FROM_CLASSES = "0.0.0-classes";

  private Versions() {}

  /** As a tag of an image. */
  static String ours() {
    return Optional.ofNullable(Versions.class.getPackage().getImplementationVersion())
        .orElse(FROM_CLASSES);
  }
}
