package dev.meshctl.console.traffic;

import dev.meshctl.model.source.FolderSource;
import dev.meshctl.model.traffic.SplitEdit;
import dev.meshctl.model.traffic.SplitEditor;
import dev.meshctl.model.traffic.SplitRequest;
import dev.meshctl.model.validation.Diagnostic;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The folder that the running mesh watches, read anew for each question. */
public final class FolderDesk implements SplitDesk {
  private final Path folder;

  public FolderDesk(Path folder) {
    this.folder = folder;
  }

  private SplitEditor editor() throws IOException {
    return new SplitEditor(FolderSource.read(folder));
  }

  @Override
  public SplitEditor.Found find(SplitRequest request) throws IOException {
    return editor().find(request);
  }

  @Override
  public SplitEditor.Edited edit(SplitRequest request) throws IOException {
    return editor().edit(request);
  }

  @Override
  public List<Diagnostic> write(SplitEdit edit) throws IOException {
    return editor().write(edit);
  }
}
