package dev.meshctl.model.status;

import dev.meshctl.model.resource.GatewayClass;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.traffic.BackendPolicies;
import dev.meshctl.model.traffic.GatewayBindings;
import dev.meshctl.model.traffic.Grants;
import dev.meshctl.model.traffic.ListenerRules;
import dev.meshctl.model.traffic.ServiceRegistry;
import dev.meshctl.model.validation.TlsSecrets;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The mesh with the look-ups that conditions ask. */
record Scene(
    ValidatedMesh mesh,
    Set<String> ourClasses,
    ServiceRegistry services,
    GatewayBindings bindings,
    ListenerRules rules,
    Grants grants,
    TlsSecrets secrets,
    BackendPolicies policies) {

  static Scene of(ValidatedMesh mesh) {
    List<MeshResource> plain = mesh.all(MeshResource.class);
    return new Scene(
        mesh,
        mesh.all(GatewayClass.class).stream()
            .filter(each -> each.controllerName().equals(GatewayClass.OUR_CONTROLLER))
            .map(each -> each.metadata().name())
            .collect(Collectors.toSet()),
        ServiceRegistry.of(mesh),
        GatewayBindings.of(mesh),
        ListenerRules.of(plain),
        Grants.of(plain),
        TlsSecrets.of(plain),
        BackendPolicies.of(plain));
  }

  /** Gateways of our classes, in the order of their names. */
  List<KubernetesGateway> gateways() {
    return mesh.all(KubernetesGateway.class).stream()
        .filter(gateway -> ourClasses.contains(gateway.gatewayClassName()))
        .toList();
  }

  /** A Gateway of ours. */
  Optional<KubernetesGateway> gateway(String namespace, String name) {
    return gateways().stream()
        .filter(gateway -> gateway.metadata().namespace().equals(namespace))
        .filter(gateway -> gateway.metadata().name().equals(name))
        .findFirst();
  }
}
