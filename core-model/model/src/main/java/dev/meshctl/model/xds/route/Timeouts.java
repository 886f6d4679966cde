package dev.meshctl.model.xds.route;

import java.time.Duration;
import java.util.Optional;

/**
 * Times of a route beside that of the whole exchange; zero is off.
 *
 * @param idle in place of the listener's stream idle timeout
 * @param maxStream in place of the listener's longest life of a stream
 * @param grpcMaxStream the client's {@code grpc-timeout} is the longest life of a stream, up to
 *     this; zero without limit
 * @param grpcMax the client's {@code grpc-timeout} stands in for the route's timeout, up to this;
 *     zero without limit
 * @param grpcOffset taken off {@code grpc-timeout} in both cases
 */
public record Timeouts(
    Optional<Duration> idle,
    Optional<Duration> maxStream,
    Optional<Duration> grpcMaxStream,
    Optional<Duration> grpcMax,
    Duration grpcOffset) {
  public static final Timeouts NONE =
      new Timeouts(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Duration.ZERO);
}
