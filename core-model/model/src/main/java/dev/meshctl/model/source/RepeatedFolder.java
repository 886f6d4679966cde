package dev.meshctl.model.source;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * A folder that is read again and again, as by whoever watches it: a file that is as it was is not
 * parsed again, so that one changed file costs what one file costs.
 *
 * <p>Thread: one at a time; blocking.
 */
public final class RepeatedFolder {
  /** By name; of the last reading only. */
  private Map<String, Known> known = Map.of();

  private record Known(String sha256, ParsedDocuments documents) {}

  /**
   * As {@link FolderSource#read(Path)}.
   *
   * @throws IOException where the folder or one of its files cannot be read
   */
  public FolderContents read(Path path) throws IOException {
    Map<String, Known> now = new HashMap<>();
    FolderContents contents =
        FolderSource.read(
            path,
            file -> {
              Known before = known.get(file.name());
              ParsedDocuments documents =
                  before != null && before.sha256.equals(file.sha256())
                      ? before.documents
                      : YamlReader.read(file.name(), file.text());
              now.put(file.name(), new Known(file.sha256(), documents));
              return documents;
            });
    known = now;
    return contents;
  }
}
