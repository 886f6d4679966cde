package dev.meshctl.model.xds.route;

import java.util.List;
import java.util.Optional;

/**
 * {@code CorsPolicy}. Of texts, empty ones send no header.
 *
 * @param allowOrigin any that matches allows it
 * @param maxAge in seconds, as it goes into the header
 * @param percentage of requests it holds for, 0 to 100; empty for all
 */
public record CorsPolicy(
    List<ValueMatch> allowOrigin,
    String allowMethods,
    String allowHeaders,
    String exposeHeaders,
    String maxAge,
    boolean allowCredentials,
    boolean allowPrivateNetwork,
    Optional<Double> percentage) {
  public CorsPolicy {
    allowOrigin = List.copyOf(allowOrigin);
  }
}
