package dev.meshctl.bundle;

import java.io.IOException;

/** A bundle that is refused: why, and what of it. Nothing of it was used. */
public final class BundleException extends IOException {
  private final Reason reason;

  /** Why a bundle is refused. */
  public enum Reason {
    /** Not a bundle, or its manifest contradicts itself. */
    MALFORMED,
    /** Made by a newer meshctl. */
    NEWER_SCHEMA,
    /** The file ends too early. */
    CUT_SHORT,
    /** Signed by a key that is not trusted here. */
    UNTRUSTED_KEY,
    /** The signature is not that of the manifest. */
    BAD_SIGNATURE,
    /** Contents are not what the manifest says. */
    ALTERED,
    /** Larger than what is accepted. */
    TOO_LARGE,
    /** An entry would be written where it must not. */
    UNSAFE_PATH,
    /** For another JDK, system or processor. */
    DOES_NOT_FIT,
    /** Older than what runs. */
    DOWNGRADE,
    /** Not the bundle that was asked for. */
    OTHER_BUNDLE
  }

  public BundleException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
