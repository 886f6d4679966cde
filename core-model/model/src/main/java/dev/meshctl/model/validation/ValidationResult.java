package dev.meshctl.model.validation;

import java.util.List;

/** What came of validation; both carry every finding, in the order of files and lines. */
public sealed interface ValidationResult {
  List<Diagnostic> diagnostics();

  /** No errors; warnings perhaps. */
  record Valid(ValidatedMesh mesh, List<Diagnostic> diagnostics) implements ValidationResult {
    public Valid {
      diagnostics = List.copyOf(diagnostics);
    }
  }

  /** At least one error. */
  record Invalid(List<Diagnostic> diagnostics) implements ValidationResult {
    public Invalid {
      diagnostics = List.copyOf(diagnostics);
    }
  }
}
