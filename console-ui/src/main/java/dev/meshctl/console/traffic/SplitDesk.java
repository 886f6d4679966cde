package dev.meshctl.console.traffic;

import dev.meshctl.model.traffic.SplitEdit;
import dev.meshctl.model.traffic.SplitEditor;
import dev.meshctl.model.traffic.SplitRequest;
import dev.meshctl.model.validation.Diagnostic;
import java.io.IOException;
import java.util.List;

/** Where splits are read and written. Thread: any; calls block. */
public interface SplitDesk {
  SplitEditor.Found find(SplitRequest request) throws IOException;

  /** Works an edit out; writes nothing. */
  SplitEditor.Edited edit(SplitRequest request) throws IOException;

  /**
   * Writes an edit, unless the file has changed since.
   *
   * @return empty when written
   */
  List<Diagnostic> write(SplitEdit edit) throws IOException;
}
