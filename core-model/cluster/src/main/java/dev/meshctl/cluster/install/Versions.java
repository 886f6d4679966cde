package dev.meshctl.cluster.install;

/** Which Kubernetes we work on. */
final class Versions {
  /** The first with native sidecars on by default, which injection relies on. */
  static final String LEAST = "1.29.0";

  static final int LEAST_MINOR = 29;

  private Versions() {}
}
