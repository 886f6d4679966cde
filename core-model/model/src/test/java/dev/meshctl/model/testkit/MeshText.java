package dev.meshctl.model.testkit;

import dev.meshctl.model.source.ParsedDocuments;
import dev.meshctl.model.source.YamlReader;
import dev.meshctl.model.validation.MeshValidator;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.validation.ValidationResult;

/** Meshes that tests write down as YAML, of trust domain {@code cluster.local}. */
public final class MeshText {
  private static final String TRUST_DOMAIN = "cluster.local";
  private static final String ROOT_NAMESPACE = "istio-system";

  private MeshText() {}

  /** The mesh of a text; fails with its findings where it is invalid. */
  public static ValidatedMesh valid(String yaml) {
    return valid(YamlReader.read("mesh.yaml", yaml));
  }

  /** The mesh of what was read; fails with its findings where it is invalid. */
  public static ValidatedMesh valid(ParsedDocuments read) {
    return switch (judged(read)) {
      case ValidationResult.Valid valid -> valid.mesh();
      case ValidationResult.Invalid invalid ->
          throw new AssertionError(invalid.diagnostics().toString());
    };
  }

  /** What validation says of what was read. */
  public static ValidationResult judged(ParsedDocuments read) {
    return MeshValidator.validate(
        TRUST_DOMAIN, ROOT_NAMESPACE, read.resources(), read.diagnostics());
  }
}
