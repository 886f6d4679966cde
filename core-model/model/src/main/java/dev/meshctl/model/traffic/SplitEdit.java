package dev.meshctl.model.traffic;

import dev.meshctl.model.source.SourceFile;

/**
 * A change of weights, not yet written.
 *
 * @param file as it was read
 * @param newText the file with nothing but the weights changed; equal to the old text where the
 *     split is already as asked
 * @param diff unified; empty where nothing changes
 */
public record SplitEdit(
    SourceFile file, String newText, String diff, HostSplit before, HostSplit after) {
  public boolean isChange() {
    return !newText.equals(file.text());
  }
}
