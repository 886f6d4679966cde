package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.BackendTlsPolicy;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.ClusterNames;
import dev.meshctl.model.xds.UpstreamTls;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a gateway speaks TLS to Services, by BackendTLSPolicies. Where one cannot be followed its
 * Service is not reached at all: plaintext is not what was asked for.
 */
record BackendTls(MeshView view, EdgeSecrets secrets) {

  List<ClusterConfig> applied(List<ClusterConfig> clusters) {
    if (view.backendPolicies().isEmpty()) {
      return clusters;
    }
    List<ClusterConfig> applied = new ArrayList<>();
    for (ClusterConfig cluster : clusters) {
      Optional<BackendTlsPolicy> policy = policy(cluster);
      if (policy.isEmpty()) {
        applied.add(cluster);
      } else {
        transport(policy.get(), cluster.protocol())
            .ifPresent(transport -> applied.add(cluster.withTransport(transport)));
      }
    }
    return applied;
  }

  private Optional<BackendTlsPolicy> policy(ClusterConfig cluster) {
    return ClusterNames.outboundPort(cluster.name())
        .flatMap(port ->
            view.services()
                .find(cluster.service().host())
                .flatMap(service -> view.backendPolicies().of(service, port)));
  }

  private Optional<Transport> transport(BackendTlsPolicy policy, UpstreamProtocol protocol) {
    Optional<String> trust = policy.systemRoots() ? Optional.of("") : secrets.authorities(policy);
    return trust.map(authorities ->
        new Transport.Tls(
            new UpstreamTls(
                "",
                authorities,
                policy.hostname(),
                protocol == UpstreamProtocol.HTTP2 ? List.of("h2") : List.of(),
                policy.subjectAltNames().isEmpty()
                    ? List.of(policy.hostname())
                    : policy.subjectAltNames())));
  }
}
