package dev.meshctl.model.xds;

import dev.meshctl.model.xds.route.Headers;

/**
 * A cluster with its weight: a proportion, not a percentage; 0 takes no traffic.
 *
 * @param subset {@code metadata_match} of the route with that of the cluster over it: which of the
 *     hosts are meant, where the cluster has subsets
 */
public record WeightedCluster(String cluster, int weight, Headers headers, Labels subset) {
  public WeightedCluster(String cluster, int weight, Headers headers) {
    this(cluster, weight, headers, Labels.NONE);
  }

  public WeightedCluster {
    if (weight < 0) {
      throw new IllegalArgumentException("weight: " + weight + " (expected: >= 0)");
    }
  }

  public static WeightedCluster only(String cluster) {
    return new WeightedCluster(cluster, 1, Headers.NONE);
  }
}
