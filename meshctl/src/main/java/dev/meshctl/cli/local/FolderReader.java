package dev.meshctl.cli.local;

import dev.meshctl.model.source.FolderContents;
import dev.meshctl.model.source.FolderSource;
import dev.meshctl.model.validation.MeshValidator;
import dev.meshctl.model.validation.ValidationResult;
import java.io.IOException;
import java.nio.file.Path;

/** Reads with {@code model.source}, validates with {@code model.validation}. */
final class FolderReader implements MeshReader {
  static final FolderReader INSTANCE = new FolderReader();

  private FolderReader() {}

  @Override
  public Reading read(Path folder) throws IOException {
    FolderContents contents = FolderSource.read(folder);
    ValidationResult result =
        MeshValidator.validate(
            TRUST_DOMAIN,
            ROOT_NAMESPACE,
            contents.documents().resources(),
            contents.documents().diagnostics());
    return switch (result) {
      case ValidationResult.Valid valid -> new Reading.Good(valid.mesh(), valid.diagnostics());
      case ValidationResult.Invalid invalid -> new Reading.Broken(invalid.diagnostics());
    };
  }
}
