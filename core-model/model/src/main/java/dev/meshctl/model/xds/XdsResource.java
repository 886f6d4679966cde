package dev.meshctl.model.xds;

/** One named resource of xDS v3, as a record. */
public sealed interface XdsResource
    permits ListenerConfig,
        RouteTableConfig,
        SplitRouteTable,
        VirtualHostConfig,
        ClusterConfig,
        LoadAssignment,
        SecretConfig,
        NameTable,
        RuntimeOrder {
  String name();

  default ResourceType type() {
    return switch (this) {
      case ListenerConfig l -> ResourceType.LISTENER;
      case RouteTableConfig r -> ResourceType.ROUTE;
      case SplitRouteTable r -> ResourceType.ROUTE;
      case VirtualHostConfig v -> ResourceType.VIRTUAL_HOST;
      case ClusterConfig c -> ResourceType.CLUSTER;
      case LoadAssignment e -> ResourceType.ENDPOINTS;
      case SecretConfig s -> ResourceType.SECRET;
      case NameTable n -> ResourceType.NAMES;
      case RuntimeOrder o -> ResourceType.RUNTIME;
    };
  }
}
