package dev.meshctl.model.xds;

/**
 * The xDS v3 resource types, in the order in which additions go on the wire (removals go in
 * reverse).
 */
public enum ResourceType {
  CLUSTER("type.googleapis.com/envoy.config.cluster.v3.Cluster"),
  ENDPOINTS("type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"),
  VIRTUAL_HOST("type.googleapis.com/envoy.config.route.v3.VirtualHost"),
  LISTENER("type.googleapis.com/envoy.config.listener.v3.Listener"),
  ROUTE("type.googleapis.com/envoy.config.route.v3.RouteConfiguration"),
  SECRET("type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"),
  NAMES("type.googleapis.com/istio.networking.nds.v1.NameTable"),
  RUNTIME("type.googleapis.com/meshctl.runtime.v1.RuntimeOrder");

  private final String typeUrl;

  ResourceType(String typeUrl) {
    this.typeUrl = typeUrl;
  }

  public String typeUrl() {
    return typeUrl;
  }
}
