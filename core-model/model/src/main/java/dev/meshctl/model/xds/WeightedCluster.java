package dev.meshctl.model.xds;

/** A cluster with its weight: a proportion, not a percentage; 0 takes no traffic. */
public record WeightedCluster(String cluster, int weight, RouteTableConfig.Headers headers) {
  public WeightedCluster {
    if (weight < 0) {
      throw new IllegalArgumentException("weight: " + weight + " (expected: >= 0)");
    }
  }

  public static WeightedCluster only(String cluster) {
    return new WeightedCluster(cluster, 1, RouteTableConfig.Headers.NONE);
  }
}
