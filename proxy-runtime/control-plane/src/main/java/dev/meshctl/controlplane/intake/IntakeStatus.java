package dev.meshctl.controlplane.intake;

import dev.meshctl.model.validation.Diagnostic;
import java.util.List;
import java.util.Map;

/**
 * What was last looked at.
 *
 * @param generation in force, 0 while none is
 * @param accepted the newest files are what is in force
 * @param sources file to SHA-256, accepted or not
 */
public record IntakeStatus(
    long generation, boolean accepted, Map<String, String> sources, List<Diagnostic> diagnostics) {
  static final IntakeStatus NOTHING = new IntakeStatus(0, false, Map.of(), List.of());

  public IntakeStatus {
    sources = Map.copyOf(sources);
    diagnostics = List.copyOf(diagnostics);
  }
}
