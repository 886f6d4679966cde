package dev.meshctl.cli.command;

/** What holds for a mesh that nobody told otherwise. */
final class MeshDefaults {
  static final String TRUST_DOMAIN = "cluster.local";
  static final String ROOT_NAMESPACE = "istio-system";

  private MeshDefaults() {}
}
