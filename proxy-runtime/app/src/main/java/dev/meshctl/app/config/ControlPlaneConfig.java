package dev.meshctl.app.config;

/**
 * What {@code ControlPlaneMain --config FILE} reads (JSON).
 *
 * @param mesh its name, for people
 * @param configFolder YAML of the mesh, watched
 * @param inventoryFile JSON of {@link dev.meshctl.model.xds.MeshInventory}, watched
 * @param stateFolder private to the owner; keeps the CA's key and certificate over a restart
 * @param tokenKeyFile public JWK that verifies tokens of workloads and operators
 * @param grpcAddress {@code HOST:PORT} for xDS, certificates and telemetry
 * @param queryAddress {@code HOST:PORT} for the HTTPS query API
 * @param certificateLifetimeSeconds of issued certificates
 */
public record ControlPlaneConfig(
    String mesh,
    String trustDomain,
    String configFolder,
    String inventoryFile,
    String stateFolder,
    String tokenKeyFile,
    String grpcAddress,
    String queryAddress,
    long certificateLifetimeSeconds) {}
