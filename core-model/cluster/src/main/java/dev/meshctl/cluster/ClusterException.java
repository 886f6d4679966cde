package dev.meshctl.cluster;

/** Work with a cluster that failed for a reason outside of the program: thing, reason, fix. */
public final class ClusterException extends Exception {
  private final Reason reason;

  /** What kind of failure it is, as far as a caller would act differently. */
  public enum Reason {
    /** Which cluster, or as whom, could not be made out: a file, a context. */
    CONFIGURATION,
    /** Nobody answered in time. */
    UNREACHABLE,
    /** The cluster does not know who asks. */
    UNAUTHORIZED,
    /** It knows, and says no. */
    FORBIDDEN,
    /** The object, or its kind, is not there. */
    NOT_FOUND,
    /** Somebody else was first, or owns a field. */
    CONFLICT,
    /** The object is not what its kind may be, or an admission webhook refused it. */
    INVALID,
    /** The version that was asked for is too old to go on from. */
    EXPIRED,
    /** Anything else that the server said. */
    SERVER
  }

  public ClusterException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public ClusterException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
