package dev.meshctl.model.source;

import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.validation.Diagnostic;
import java.util.List;

/** What could be read, in the order it was written, and what could not. */
public record ParsedDocuments(
    List<Located<? extends MeshResource>> resources, List<Diagnostic> diagnostics) {
  public ParsedDocuments {
    resources = List.copyOf(resources);
    diagnostics = List.copyOf(diagnostics);
  }
}
