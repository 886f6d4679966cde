package dev.meshctl.controlplane.intake;

import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.ValidatedMesh;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads a folder and judges it. */
@FunctionalInterface
public interface ConfigReader {
  /**
   * @throws IOException where the folder cannot be read at all
   */
  Reading read(Path folder) throws IOException;

  /**
   * @param digests file to SHA-256 of its content, in hexadecimal
   * @param mesh empty where it is broken; then a diagnostic is an error
   */
  record Reading(
      Map<String, String> digests, Optional<ValidatedMesh> mesh, List<Diagnostic> diagnostics) {
    public Reading {
      digests = Map.copyOf(digests);
      diagnostics = List.copyOf(diagnostics);
    }
  }
}
