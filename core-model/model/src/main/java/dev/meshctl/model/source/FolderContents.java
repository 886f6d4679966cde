package dev.meshctl.model.source;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A folder of YAML as it was when it was read; files ordered by name. */
public record FolderContents(Path folder, List<SourceFile> files, ParsedDocuments documents) {
  public FolderContents {
    files = List.copyOf(files);
  }

  /** The file of that {@link SourceFile#name}. */
  public Optional<SourceFile> file(String name) {
    return files.stream().filter(file -> file.name().equals(name)).findFirst();
  }
}
