package dev.meshctl.model.xds.route;

import java.util.List;
import java.util.Optional;

/**
 * {@code RouteMatch}: all conditions hold.
 *
 * @param grpc only gRPC
 * @param percentage of requests that match, 0 to 100; empty for all
 */
public record RouteMatch(
    PathMatch path,
    boolean ignoreCase,
    List<HeaderMatch> headers,
    List<QueryMatch> query,
    boolean grpc,
    Optional<Double> percentage) {
  public static final RouteMatch ANY =
      new RouteMatch(new PathMatch.Prefix("/"), false, List.of(), List.of());

  public RouteMatch {
    headers = List.copyOf(headers);
    query = List.copyOf(query);
  }

  public RouteMatch(
      PathMatch path, boolean ignoreCase, List<HeaderMatch> headers, List<QueryMatch> query) {
    this(path, ignoreCase, headers, query, false, Optional.empty());
  }
}
