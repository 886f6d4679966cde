package dev.meshctl.model.resource;

import java.util.List;

/**
 * Gateway API {@code BackendTLSPolicy}: a gateway speaks TLS to a Service.
 *
 * @param authorities who may have signed the backend, ConfigMaps; empty where {@code systemRoots}
 * @param systemRoots {@code wellKnownCACertificates: System}
 * @param hostname asked for as the server name, and expected where no other name is
 * @param subjectAltNames expected of the backend, any of them; empty for the host name
 */
public record BackendTlsPolicy(
    Metadata metadata,
    List<Target> targets,
    List<ObjectRef> authorities,
    boolean systemRoots,
    String hostname,
    List<String> subjectAltNames)
    implements MeshResource {
  public BackendTlsPolicy {
    targets = List.copyOf(targets);
    authorities = List.copyOf(authorities);
    subjectAltNames = List.copyOf(subjectAltNames);
  }

  @Override
  public String kind() {
    return "BackendTLSPolicy";
  }

  /**
   * {@code targetRefs[]}.
   *
   * @param sectionName name of a port; empty for all
   */
  public record Target(ObjectRef object, String sectionName) {}
}
