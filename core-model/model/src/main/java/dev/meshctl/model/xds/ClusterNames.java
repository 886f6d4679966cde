package dev.meshctl.model.xds;

import java.util.Optional;

/** Names of clusters, as Istio gives them. */
public final class ClusterNames {
  /** Takes connections and has nobody to give them to. */
  public static final String BLACK_HOLE = "BlackHoleCluster";

  /** Goes where the connection was going. */
  public static final String PASSTHROUGH = "PassthroughCluster";

  /** As {@link #PASSTHROUGH}, for connections to ports that no service knows. */
  public static final String INBOUND_PASSTHROUGH = "InboundPassthroughCluster";

  private ClusterNames() {}

  /** {@code outbound|9080|v1|reviews.shop.svc.cluster.local}. */
  public static String outbound(int port, String subset, String host) {
    return "outbound|" + port + "|" + subset + "|" + host;
  }

  /** The port in a name that {@link #outbound} made. */
  public static Optional<Integer> outboundPort(String name) {
    String[] parts = name.split("\\|", -1);
    return parts.length == 4 && parts[0].equals("outbound")
        ? Optional.of(Integer.valueOf(parts[1]))
        : Optional.empty();
  }

  /** The host in a name that {@link #outbound} made. */
  public static Optional<String> outboundHost(String name) {
    String[] parts = name.split("\\|", -1);
    return parts.length == 4 && parts[0].equals("outbound")
        ? Optional.of(parts[3])
        : Optional.empty();
  }

  /** It leads to the workload behind the proxy. */
  public static boolean isInbound(String name) {
    return name.startsWith("inbound|") || name.equals(INBOUND_PASSTHROUGH);
  }

  /** One replica of a headless service, where others would name a subset. */
  public static String replica(int port, String instance, String host) {
    return outbound(port, instance, host);
  }

  /** {@code inbound|9080||}. */
  public static String inbound(int port) {
    return "inbound|" + port + "||";
  }

  /** {@code outbound_.9080_.v1_.reviews.shop.svc.cluster.local}. */
  public static String sni(int port, String subset, String host) {
    return "outbound_." + port + "_." + subset + "_." + host;
  }
}
