package dev.meshctl.cli.local;

import dev.meshctl.cli.context.Folders;
import dev.meshctl.model.source.FolderSource;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.ValidationResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads with {@code model.source}, validates with {@code model.validation}. */
final class FolderReader implements MeshReader {
  static final FolderReader INSTANCE = new FolderReader();

  private FolderReader() {}

  @Override
  public Reading read(Path folder) throws IOException {
    ValidationResult result = Folders.validated(FolderSource.read(folder), Folders.TRUST_DOMAIN);
    return switch (result) {
      case ValidationResult.Valid valid -> {
        List<Diagnostic> all = new ArrayList<>(valid.diagnostics());
        all.addAll(Preflight.notStarted(valid.mesh()));
        yield new Reading.Good(valid.mesh(), all);
      }
      case ValidationResult.Invalid invalid -> new Reading.Broken(invalid.diagnostics());
    };
  }
}
