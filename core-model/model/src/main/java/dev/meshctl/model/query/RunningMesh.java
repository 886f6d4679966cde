package dev.meshctl.model.query;

/**
 * A local mesh as other terminals need to know it; {@code mesh.json} in the mesh's own folder.
 *
 * @param name unique for one user, for example {@code bookshop}
 * @param endpoint of the control plane's query API
 * @param configFolder absolute; the YAML that the control plane watches
 * @param gatewayUrl of the ingress gateway, {@code http://127.77.0.10:8080}; empty where there is
 *     none
 * @param capture {@code explicit} or {@code transparent}
 * @param supervisorPid process whose end is the end of the mesh
 */
public record RunningMesh(
    String name,
    MeshEndpoint endpoint,
    String configFolder,
    String gatewayUrl,
    String capture,
    long supervisorPid) {}
