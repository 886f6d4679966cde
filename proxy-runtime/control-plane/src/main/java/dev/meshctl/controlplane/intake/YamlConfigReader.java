package dev.meshctl.controlplane.intake;

import dev.meshctl.model.source.FolderContents;
import dev.meshctl.model.source.FolderSource;
import dev.meshctl.model.source.SourceFile;
import dev.meshctl.model.validation.MeshValidator;
import dev.meshctl.model.validation.ValidationResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The folder as the model's own reading and validation see it.
 *
 * @param clock tells which certificates are valid
 */
public record YamlConfigReader(String trustDomain, String rootNamespace, InstantSource clock)
    implements ConfigReader {
  @Override
  public Reading read(Path folder) throws IOException {
    FolderContents contents = FolderSource.read(folder);
    Map<String, String> digests =
        contents.files().stream().collect(Collectors.toMap(SourceFile::name, SourceFile::sha256));
    return switch (MeshValidator.validate(
        trustDomain,
        rootNamespace,
        contents.documents().resources(),
        contents.documents().diagnostics(),
        clock.instant())) {
      case ValidationResult.Valid(var mesh, var diagnostics) ->
          new Reading(digests, Optional.of(mesh), diagnostics);
      case ValidationResult.Invalid(var diagnostics) ->
          new Reading(digests, Optional.empty(), diagnostics);
    };
  }
}
