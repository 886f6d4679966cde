package dev.meshctl.console.traffic;

import java.util.List;

/** Where the editor stands. */
public sealed interface SplitState {
  /**
   * Nothing to edit.
   *
   * @param reason why, and what to do
   */
  record Closed(String reason) implements SplitState {}

  /** Sliders are as the file is. */
  record Unchanged() implements SplitState {}

  /** A diff is shown and can be applied. */
  record Changed() implements SplitState {}

  /** Written; {@code acknowledged} of {@code proxies} have it in force. */
  record Applying(int acknowledged, int proxies) implements SplitState {}

  /** In force everywhere. */
  record Applied(int proxies, long millis) implements SplitState {}

  /** Nothing was changed, or it was changed back. */
  record Refused(List<String> reasons) implements SplitState {
    public Refused {
      reasons = List.copyOf(reasons);
    }
  }

  /** Written, but not in force everywhere in time. */
  record Late(String what) implements SplitState {}
}
