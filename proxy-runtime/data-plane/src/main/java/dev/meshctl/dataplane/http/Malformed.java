package dev.meshctl.dataplane.http;

/** A message that breaks the protocol; as a request it is answered with {@link #status}. */
public enum Malformed {
  START_LINE(400),
  TARGET(400),
  HOST(400),
  FIELD(400),
  /** A line that continues the one before (obsolete, and a way to smuggle). */
  FOLDED_FIELD(400),
  /** A line that does not end with CR LF. */
  LINE_END(400),
  /** Contradicting or repeated {@code Content-Length} and {@code Transfer-Encoding}. */
  FRAMING(400),
  CHUNK(400),
  TARGET_TOO_LONG(414),
  HEAD_TOO_LARGE(431),
  TRANSFER_CODING(501),
  VERSION(505);

  private final int status;

  Malformed(int status) {
    this.status = status;
  }

  public int status() {
    return status;
  }

  /** Carries a {@link Malformed} out of a parser; has no stack trace. */
  static final class Exception extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final Exception[] EACH = new Exception[values().length];

    static {
      for (Malformed each : values()) {
        EACH[each.ordinal()] = new Exception(each);
      }
    }

    private final Malformed malformed;

    private Exception(Malformed malformed) {
      super(malformed.name(), null, false, false);
      this.malformed = malformed;
    }

    Malformed malformed() {
      return malformed;
    }
  }

  /** To be thrown. */
  Exception exception() {
    return Exception.EACH[ordinal()];
  }
}
