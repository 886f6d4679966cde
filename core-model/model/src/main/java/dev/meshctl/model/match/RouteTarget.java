package dev.meshctl.model.match;

/**
 * A cluster that a route may choose, with the header changes that go with the choice.
 *
 * <p>Thread: any.
 */
public final class RouteTarget {
  private final int index;
  private final String cluster;
  private final CompiledHeaders requestHeaders;
  private final CompiledHeaders responseHeaders;

  RouteTarget(
      int index, String cluster, CompiledHeaders requestHeaders, CompiledHeaders responseHeaders) {
    this.index = index;
    this.cluster = cluster;
    this.requestHeaders = requestHeaders;
    this.responseHeaders = responseHeaders;
  }

  /**
   * Position in {@link CompiledRoutes#targets()}, from 0 without holes: an array beside the table
   * holds what the proxy resolved the cluster to.
   */
  public int index() {
    return index;
  }

  public String cluster() {
    return cluster;
  }

  public CompiledHeaders requestHeaders() {
    return requestHeaders;
  }

  public CompiledHeaders responseHeaders() {
    return responseHeaders;
  }

  @Override
  public String toString() {
    return cluster;
  }
}
