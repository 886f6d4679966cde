package dev.meshctl.model.xds.route;

import java.time.Duration;
import java.util.Optional;

/** {@code RouteAction.HashPolicy}: a part of what tells which host a request sticks to. */
public sealed interface HashPolicy {
  /** Later policies count only where this one finds nothing. */
  boolean terminal();

  /** A request header, lower case. */
  record HeaderValue(String header, boolean terminal) implements HashPolicy {}

  /**
   * A cookie.
   *
   * @param ttl one is set for so long where the request has none, zero for a session; empty for
   *     never
   * @param path of the cookie that is set, may be empty
   */
  record Cookie(String cookie, Optional<Duration> ttl, String path, boolean terminal)
      implements HashPolicy {}

  /** The client's IP address. */
  record SourceIp(boolean terminal) implements HashPolicy {}

  record QueryParameter(String parameter, boolean terminal) implements HashPolicy {}
}
