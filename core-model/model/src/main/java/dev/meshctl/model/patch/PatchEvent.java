package dev.meshctl.model.patch;

/** What a patch hears. */
public sealed interface PatchEvent {
  /** A proxy says how far it is. */
  record Reported(RuntimeReport report) implements PatchEvent {}

  /** A proxy's stream has ended, or begun. */
  record Connected(String proxy, boolean connected) implements PatchEvent {}

  /** A proxy does not come back: its pod is gone, or began anew and has another in its place. */
  record Gone(String proxy) implements PatchEvent {}

  /** The gate has looked at what has been measured since it last did. */
  record Judged(Verdict verdict) implements PatchEvent {}

  /** Time passes. */
  record Ticked() implements PatchEvent {}

  /** An operator wants no further proxy for now; what is on its way goes on. */
  record Paused() implements PatchEvent {}

  /** An operator wants it to go on. */
  record Resumed() implements PatchEvent {}

  /** An operator wants all to go back. */
  record TakenBack(String why) implements PatchEvent {}

  /** What the gate finds. */
  sealed interface Verdict {
    /** Nothing speaks against it; so it is where nothing was measured. */
    record Well() implements Verdict {}

    /** It does harm. */
    record Ill(String why) implements Verdict {}
  }
}
