package dev.meshctl.capture.pod;

/** The pod cannot be captured; the message says why and what to do. */
public final class CaptureException extends Exception {
  private static final long serialVersionUID = 1;

  CaptureException(String message) {
    super(message);
  }
}
