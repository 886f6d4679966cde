package dev.meshctl.app;

/** The version of this build. */
final class Version {
  private Version() {}

  /** From the jar's manifest; {@code development} outside of a jar. */
  static String current() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
