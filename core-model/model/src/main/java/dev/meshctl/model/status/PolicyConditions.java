package dev.meshctl.model.status;

import static dev.meshctl.model.status.Condition.ACCEPTED;
import static dev.meshctl.model.status.Condition.RESOLVED_REFS;

import dev.meshctl.model.resource.BackendTlsPolicy;
import dev.meshctl.model.resource.BackendTlsPolicy.Target;
import dev.meshctl.model.resource.GatewayRoute;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.ObjectRef;
import dev.meshctl.model.resource.ParentRef;
import dev.meshctl.model.status.ObjectStatus.OfParent;
import dev.meshctl.model.status.ObjectStatus.OfPolicy;
import dev.meshctl.model.traffic.MeshService;
import java.util.List;
import java.util.Optional;

/** What is said of a BackendTLSPolicy, for each Gateway whose routes lead to a target of it. */
record PolicyConditions(Scene scene, BackendTlsPolicy policy) {

  OfPolicy all() {
    Condition resolved = resolved();
    List<Condition> conditions = List.of(accepted(resolved), resolved);
    return new OfPolicy(
        policy.metadata(),
        scene.gateways().stream()
            .filter(this::leadsHere)
            .map(gateway ->
                new OfParent(
                    new ParentRef(
                        ParentRef.Kind.GATEWAY,
                        gateway.metadata().namespace(),
                        gateway.metadata().name(),
                        "",
                        0),
                    conditions))
            .toList());
  }

  private boolean leadsHere(KubernetesGateway gateway) {
    return gateway.listeners().stream()
        .flatMap(l -> scene.bindings().routes(GatewayRoute.class, gateway, l).stream())
        .flatMap(bound -> bound.route().backends().stream())
        .anyMatch(named ->
            named.ref().namespace().equals(policy.metadata().namespace())
                && policy.targets().stream()
                    .anyMatch(target ->
                        target.object().isCore(named.ref().target().kind())
                            && target.object().name().equals(named.ref().name())));
  }

  private Condition accepted(Condition resolved) {
    for (Target target : policy.targets()) {
      Optional<BackendTlsPolicy> instead = scene.policies().insteadOf(policy, target);
      if (instead.isPresent()) {
        return Condition.no(
            ACCEPTED, "Conflicted", instead.get().id() + " is for the same target, and holds");
      }
      if (isMissing(target)) {
        return Condition.no(
            ACCEPTED, "TargetNotFound", "there is no " + target.object() + " with this port");
      }
    }
    if (policy.authorities().isEmpty() && !policy.systemRoots()) {
      return Condition.no(ACCEPTED, "Invalid", "nobody is named who may have signed the backend");
    }
    return resolved.holds()
        ? Condition.yes(ACCEPTED, "Accepted", "in force")
        : Condition.no(
            ACCEPTED, "NoValidCACertificate", "no authority is known, the Service is not reached");
  }

  private boolean isMissing(Target target) {
    Optional<MeshService> service =
        scene.services().service(policy.metadata().namespace(), target.object().name());
    return service.isEmpty()
        || (!target.sectionName().isEmpty()
            && service.get().ports().stream()
                .noneMatch(port -> port.name().equals(target.sectionName())));
  }

  private Condition resolved() {
    for (ObjectRef ref : policy.authorities()) {
      if (!ref.isCore(ObjectRef.CONFIG_MAP) && !ref.isCore(ObjectRef.SECRET)) {
        return Condition.no(RESOLVED_REFS, "InvalidKind", ref + " is no ConfigMap");
      }
      if (scene.secrets().authorities(policy, List.of(ref), scene.grants()).isEmpty()) {
        return Condition.no(
            RESOLVED_REFS,
            "InvalidCACertificateRef",
            "there is no " + ref + " with certificates in ca.crt");
      }
    }
    return Condition.yes(RESOLVED_REFS, "ResolvedRefs", "all that it names is there");
  }
}
