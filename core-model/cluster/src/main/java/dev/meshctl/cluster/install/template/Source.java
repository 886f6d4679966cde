package dev.meshctl.cluster.install.template;

/** Where a value comes from. */
public sealed interface Source {
  /**
   * A value of the installation.
   *
   * @param path {@code image.tag}
   */
  record Setting(String path) implements Source {}

  /** The namespace of the installation, which Helm knows as that of the release. */
  record SystemNamespace() implements Source {}

  /** The item of the list that is gone through. */
  record Item() implements Source {}

  /** A text. */
  record Literal(String text) implements Source {}
}
