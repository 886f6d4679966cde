package dev.meshctl.model.xds;

import dev.meshctl.model.xds.LoadAssignment.Locality;

/**
 * Where a proxy stands, for zone-aware balancing.
 *
 * @param locality {@code node.locality}
 * @param cluster {@code cluster_manager.local_cluster_name}: the cluster whose hosts are the proxy
 *     and its like; empty where none is named
 */
public record Home(Locality locality, String cluster) {
  public static final Home NONE = new Home(Locality.NONE, "");
}
