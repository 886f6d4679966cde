package dev.meshctl.cli;

import java.util.List;
import java.util.Optional;

/** Which meshctl this is, where it runs from a jar. */
public final class OwnVersion {
  private OwnVersion() {}

  /** As the jar says; empty where this runs from classes. */
  public static Optional<String> built() {
    return Optional.ofNullable(OwnVersion.class.getPackage().getImplementationVersion());
  }

  /** As a tag of an image; that of no image where this runs from classes. */
  public static String tag() {
    return built().orElse("0.0.0-classes");
  }

  /**
   * For what is to say which meshctl it is of.
   *
   * @throws CommandFailure where this runs from classes
   */
  public static String required() {
    return built()
        .orElseThrow(() ->
            CommandFailure.refused(
                "this meshctl runs from classes and has no version", List.of(), "give --version"));
  }
}
