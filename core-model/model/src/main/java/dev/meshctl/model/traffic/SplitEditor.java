package dev.meshctl.model.traffic;

import dev.meshctl.model.source.FolderContents;
import dev.meshctl.model.validation.Diagnostic;
import java.io.IOException;
import java.util.List;

/**
 * Reads and edits traffic splits in the files that hold them. An edit changes the weights and
 * nothing else: comments, order, quoting and line ends stay.
 *
 * <p>Threads: {@link #find} and {@link #edit} pure; {@link #write} blocks.
 */
public final class SplitEditor {
  private final FolderContents contents;

  public SplitEditor(FolderContents contents) {
    this.contents = contents;
  }

  /** What {@link #find} finds. */
  public sealed interface Found {
    record Governed(HostSplit split) implements Found {}

    record Refused(List<Diagnostic> reasons) implements Found {}
  }

  /** What {@link #edit} makes. */
  public sealed interface Edited {
    record Prepared(SplitEdit edit) implements Edited {}

    record Refused(List<Diagnostic> reasons) implements Edited {}
  }

  /** The split of a host as the files have it; {@link SplitRequest#weights} are not looked at. */
  public Found find(SplitRequest request) {
    throw new UnsupportedOperationException(contents.folder().toString());
  }

  /** Works out the new text; writes nothing. */
  public Edited edit(SplitRequest request) {
    throw new UnsupportedOperationException(contents.folder().toString());
  }

  /**
   * Replaces the file whole, unless it is no longer what was read.
   *
   * @return empty when written, else why not
   * @throws IOException where it cannot be written; the file is then as it was
   */
  public List<Diagnostic> write(SplitEdit edit) throws IOException {
    throw new UnsupportedOperationException(edit.file().name());
  }
}
