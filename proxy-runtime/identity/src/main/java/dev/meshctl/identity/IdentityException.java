package dev.meshctl.identity;

/** Identity work that failed for a reason outside of the program: thing, place, reason, fix. */
public final class IdentityException extends Exception {
  public IdentityException(String message) {
    super(message);
  }

  public IdentityException(String message, Throwable cause) {
    super(message, cause);
  }
}
