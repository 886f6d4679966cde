package dev.meshctl.model.patch;

import java.time.Duration;

/**
 * What a proxy says of its runtime: at each change of stage, and once after each connection.
 *
 * @param proxyId of the node
 * @param generation of the order it follows or followed last; 0 before any
 * @param runningVersion what serves at this moment
 * @param runningDigest of its bundle; empty for the runtime that came with the image or
 *     installation
 * @param reason where it failed or was taken back; empty otherwise
 * @param overlapBytes the most memory of both processes while both ran; 0 where not measured
 * @param took since the order was received
 * @param roomBytes of memory that the container's limit leaves beside what is in use; {@link
 *     #UNLIMITED} where nothing limits it, or nobody can tell
 */
public record RuntimeReport(
    String proxyId,
    long generation,
    Stage stage,
    String runningVersion,
    String runningDigest,
    String reason,
    long overlapBytes,
    Duration took,
    long roomBytes) {
  public static final long UNLIMITED = -1;

  /** Where nothing limits memory. */
  public RuntimeReport(
      String proxyId,
      long generation,
      Stage stage,
      String runningVersion,
      String runningDigest,
      String reason,
      long overlapBytes,
      Duration took) {
    this(
        proxyId,
        generation,
        stage,
        runningVersion,
        runningDigest,
        reason,
        overlapBytes,
        took,
        UNLIMITED);
  }

  /** The same, of another time. */
  public RuntimeReport withRoom(long bytes) {
    return new RuntimeReport(
        proxyId,
        generation,
        stage,
        runningVersion,
        runningDigest,
        reason,
        overlapBytes,
        took,
        bytes);
  }

  /** How far a proxy is with its order. */
  public enum Stage {
    /** It follows no order. */
    RUNNING,
    FETCHING,
    VERIFYING,
    UNPACKING,
    STARTING,
    /** The new process takes connections, the old one drains. */
    HANDING_OVER,
    /** The new one serves alone, and is watched. */
    WATCHING,
    DONE,
    /** The new one never served; the old one goes on. */
    FAILED,
    /** The new one served and was taken back. */
    ROLLED_BACK;

    /** Nothing more comes of this order. */
    public boolean settled() {
      return switch (this) {
        case RUNNING, DONE, FAILED, ROLLED_BACK -> true;
        case FETCHING, VERIFYING, UNPACKING, STARTING, HANDING_OVER, WATCHING -> false;
      };
    }
  }
}
