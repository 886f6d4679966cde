package dev.meshctl.model.validation;

import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.source.Located;
import java.util.Collection;
import java.util.List;

/**
 * Checks that what was read makes a mesh. Accumulates: one run reports everything.
 *
 * <p>Threads: any; pure.
 */
public final class MeshValidator {
  private MeshValidator() {}

  /**
   * @param earlier findings of reading; an error among them makes the result invalid
   */
  public static ValidationResult validate(
      String trustDomain,
      String rootNamespace,
      Collection<? extends Located<? extends MeshResource>> resources,
      List<Diagnostic> earlier) {
    throw new UnsupportedOperationException();
  }
}
