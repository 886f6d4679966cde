package dev.meshctl.model.resource;

/**
 * One object as its author wrote it, typed. Positions of its fields live beside it in {@code
 * source.Located}.
 */
public sealed interface MeshResource
    permits Namespace,
        ServiceAccount,
        Workload,
        Pod,
        Node,
        EndpointSlice,
        Endpoints,
        WorkloadEntry,
        WorkloadGroup,
        Service,
        Secret,
        VirtualService,
        DestinationRule,
        IstioGateway,
        PeerAuthentication,
        AuthorizationPolicy,
        ServiceEntry,
        Sidecar,
        RequestAuthentication,
        Telemetry,
        ProxyConfig,
        MeshConfig,
        GatewayClass,
        KubernetesGateway,
        GatewayRoute,
        BackendTlsPolicy,
        ConfigMap,
        ReferenceGrant {

  Metadata metadata();

  /** The kind with its API group where two groups share a kind, as {@link ResourceId#kind()}. */
  String kind();

  default ResourceId id() {
    return new ResourceId(kind(), metadata().namespace(), metadata().name());
  }
}
