package dev.meshctl.model.topology;

/** Names of the graph's nodes, {@code service:bookshop/reviews}. */
public final class NodeIds {
  /** Whoever is not known to the mesh: a client without a sidecar. */
  public static final String UNKNOWN = "unknown:";

  private NodeIds() {}

  public static String gateway(String namespace, String name) {
    return "gateway:" + namespace + "/" + name;
  }

  public static String service(String namespace, String name) {
    return "service:" + namespace + "/" + name;
  }

  public static String workload(String namespace, String name) {
    return "workload:" + namespace + "/" + name;
  }

  public static String external(String host) {
    return "external:" + host;
  }
}
