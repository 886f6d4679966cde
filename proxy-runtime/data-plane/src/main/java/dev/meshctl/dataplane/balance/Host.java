package dev.meshctl.dataplane.balance;

import dev.meshctl.dataplane.resilience.OutlierDetector;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Health;

/**
 * One endpoint as one event loop knows it. Lives as long as its address stays in the assignment:
 * counts and ejection outlast a change of configuration.
 *
 * <p>Thread: one event loop.
 *
 * @param <A> what the owner keeps beside it, for example a connection pool
 */
public final class Host<A> {
  private final A attachment;
  private final OutlierDetector.Track track;
  private Endpoint endpoint;
  private int active;
  private long requests;
  private long failures;

  Host(Endpoint endpoint, A attachment, OutlierDetector.Track track) {
    this.endpoint = endpoint;
    this.attachment = attachment;
    this.track = track;
  }

  public Endpoint endpoint() {
    return endpoint;
  }

  public A attachment() {
    return attachment;
  }

  /** Requests under way. */
  public int active() {
    return active;
  }

  /** Requests ever. */
  public long requests() {
    return requests;
  }

  /** Requests that ended in a failure, ever. */
  public long failures() {
    return failures;
  }

  public boolean isEjected() {
    return track.isEjected();
  }

  /** May be picked outside of panic. */
  public boolean isHealthy() {
    return endpoint.health() == Health.HEALTHY && !track.isEjected();
  }

  OutlierDetector.Track track() {
    return track;
  }

  void update(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  void started() {
    active++;
    requests++;
  }

  void ended(boolean failed) {
    if (active <= 0) {
      throw new IllegalStateException("active: " + active + " (expected: >= 1 when one ends)");
    }
    active--;
    if (failed) {
      failures++;
    }
  }

  @Override
  public String toString() {
    return endpoint.address().toString();
  }
}
