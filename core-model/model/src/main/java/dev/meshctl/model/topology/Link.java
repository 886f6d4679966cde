package dev.meshctl.model.topology;

/** Which edge: from node to node, requests apart from connections. */
record Link(String source, String destination, Layer layer) implements Comparable<Link> {
  @Override
  public int compareTo(Link other) {
    int bySource = source.compareTo(other.source);
    if (bySource != 0) {
      return bySource;
    }
    int byDestination = destination.compareTo(other.destination);
    return byDestination != 0 ? byDestination : layer.compareTo(other.layer);
  }
}
