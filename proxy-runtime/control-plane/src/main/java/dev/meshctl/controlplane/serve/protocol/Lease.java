package dev.meshctl.controlplane.serve.protocol;

import com.google.protobuf.Duration;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.util.concurrent.TimeUnit;

/**
 * Until when a proxy holds what it was lent of a type ({@code Resource.ttl}): reckoned from the
 * last time that all of it was lent anew, so that it is never taken to hold what it has let go.
 *
 * <p>Thread: one at a time.
 */
final class Lease {
  /** 0 where nothing is lent. */
  private long ttlNanos;

  private long sinceNanos;
  private boolean unknown;

  /** Something was lent; that of before may run out before it. */
  void lent(long ttlNanos, long nowNanos) {
    if (this.ttlNanos == 0 && !unknown) {
      sinceNanos = nowNanos;
    }
    this.ttlNanos = ttlNanos;
  }

  /** It came with what it was lent on another stream, nobody knows when. */
  void cameLent() {
    unknown = true;
  }

  /** Nothing is lent any more. */
  void ended() {
    ttlNanos = 0;
    unknown = false;
  }

  /** All of it was lent anew. */
  void renewed(long ttlNanos, long nowNanos) {
    this.ttlNanos = ttlNanos;
    sinceNanos = nowNanos;
    unknown = false;
  }

  /** Lends a version of which nothing else is known. */
  static Resource heartbeat(String name, String version, long ttlNanos) {
    return Resource.newBuilder()
        .setName(name)
        .setVersion(version)
        .setTtl(
            Duration.newBuilder()
                .setSeconds(TimeUnit.NANOSECONDS.toSeconds(ttlNanos))
                .setNanos((int) (ttlNanos % TimeUnit.SECONDS.toNanos(1))))
        .build();
  }

  long ttlNanos() {
    return ttlNanos;
  }

  /** It is time to renew it. */
  boolean due(long nowNanos) {
    return unknown || (ttlNanos > 0 && nowNanos - sinceNanos >= ttlNanos / StreamState.RENEWALS);
  }

  /** Too late: it has let go of it. */
  boolean ranOut(long nowNanos) {
    return ttlNanos > 0 && !unknown && nowNanos - sinceNanos >= ttlNanos;
  }
}
