package dev.meshctl.model.match;

import dev.meshctl.model.xds.Labels;

/**
 * A cluster that a route may choose, with the header changes that go with the choice.
 *
 * <p>Thread: any.
 */
public final class RouteTarget {
  private final int index;
  private final String cluster;
  private final Labels subset;
  private final CompiledHeaders requestHeaders;
  private final CompiledHeaders responseHeaders;

  RouteTarget(
      int index,
      String cluster,
      Labels subset,
      CompiledHeaders requestHeaders,
      CompiledHeaders responseHeaders) {
    this.index = index;
    this.cluster = cluster;
    this.subset = subset;
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

  /** Which of the cluster's hosts are meant, where it has subsets. */
  public Labels subset() {
    return subset;
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
