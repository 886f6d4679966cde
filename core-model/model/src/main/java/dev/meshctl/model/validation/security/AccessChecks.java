package dev.meshctl.model.validation.security;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.AuthorizationPolicy;
import dev.meshctl.model.resource.AuthorizationPolicy.Target;
import dev.meshctl.model.resource.GatewayClass;
import dev.meshctl.model.resource.IstioGateway;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import dev.meshctl.model.validation.facts.Member;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What AuthorizationPolicies are attached to: that it is there, and what else is covered. */
final class AccessChecks {
  private static final String GATEWAY = "Gateway.gateway.networking.k8s.io";

  private AccessChecks() {}

  static void run(Facts facts, Findings findings) {
    for (Located<AuthorizationPolicy> policy : facts.all(AuthorizationPolicy.class)) {
      List<Target> targets = policy.resource().targets();
      for (int i = 0; i < targets.size(); i++) {
        String list = "spec.targetRefs[" + i + "].name";
        String path = policy.fields().containsKey(list) ? list : "spec.targetRef.name";
        switch (targets.get(i).kind()) {
          case GATEWAY -> gateway(policy, path, targets.get(i).name(), facts, findings);
          case SERVICE -> service(policy, path, targets.get(i).name(), facts, findings);
        }
      }
    }
  }

  private static void gateway(
      Located<AuthorizationPolicy> policy,
      String path,
      String name,
      Facts facts,
      Findings findings) {
    String namespace = policy.resource().metadata().namespace();
    Optional<KubernetesGateway> found =
        facts.find(GATEWAY, namespace, name).map(KubernetesGateway.class::cast);
    if (found.filter(gateway -> isServed(gateway, facts)).isEmpty()) {
      boolean mayBe =
          found
              .map(gateway -> facts.mayExist("GatewayClass", "", gateway.gatewayClassName()))
              .orElse(facts.mayExist(GATEWAY, namespace, name));
      if (!mayBe) {
        String why = found.isPresent() ? "' is not served here" : "' is not there";
        findings.add(
            DiagnosticCode.UNKNOWN_TARGET,
            policy,
            path,
            "Gateway '" + namespace + "/" + name + why);
      }
      return;
    }
    Set<Integer> ports = ports(found.get());
    facts.all(KubernetesGateway.class).stream()
        .map(Located::resource)
        .filter(other -> !other.id().equals(found.get().id()) && isServed(other, facts))
        .filter(other -> ports(other).stream().anyMatch(ports::contains))
        .map(other -> other.id().toString())
        .findFirst()
        .or(() ->
            facts.all(IstioGateway.class).stream()
                .map(Located::resource)
                .filter(other ->
                    other.servers().stream()
                        .anyMatch(s -> s.protocol().isHttp() && ports.contains(s.port())))
                .map(other -> other.id().toString())
                .findFirst())
        .ifPresent(other ->
            findings.add(
                DiagnosticCode.SHARED_TARGET,
                policy,
                path,
                "a port of '" + name + "' is one of " + other + " too"));
  }

  private static boolean isServed(KubernetesGateway gateway, Facts facts) {
    return facts
        .find("GatewayClass", "", gateway.gatewayClassName())
        .map(GatewayClass.class::cast)
        .filter(c -> c.controllerName().equals(GatewayClass.OUR_CONTROLLER))
        .isPresent();
  }

  private static Set<Integer> ports(KubernetesGateway gateway) {
    return gateway.listeners().stream()
        .filter(listener -> listener.protocol().isHttp())
        .map(KubernetesGateway.Listener::port)
        .collect(Collectors.toSet());
  }

  private static void service(
      Located<AuthorizationPolicy> policy,
      String path,
      String name,
      Facts facts,
      Findings findings) {
    String namespace = policy.resource().metadata().namespace();
    Optional<MeshService> found =
        facts
            .services()
            .service(namespace, name)
            .filter(service -> service.backing() instanceof MeshService.Backing.Workloads);
    if (found.isEmpty()) {
      if (!facts.mayExist("Service", namespace, name)) {
        findings.add(
            DiagnosticCode.UNKNOWN_TARGET,
            policy,
            path,
            "Service '" + namespace + "/" + name + "' is not there, or has no workloads");
      }
      return;
    }
    facts.services().all().stream()
        .filter(other -> !other.equals(found.get()) && other.namespace().equals(namespace))
        .filter(other -> shares(found.get(), other, facts))
        .findFirst()
        .ifPresent(other ->
            findings.add(
                DiagnosticCode.SHARED_TARGET,
                policy,
                path,
                "workloads of '"
                    + name
                    + "' listen at a port for Service '"
                    + other.name()
                    + "' too"));
  }

  /** A workload listens for both at one port. */
  private static boolean shares(MeshService one, MeshService other, Facts facts) {
    List<Member> workloads = facts.workloads(other);
    return facts.workloads(one).stream().anyMatch(workloads::contains)
        && targets(one).stream().anyMatch(targets(other)::contains);
  }

  private static Set<Object> targets(MeshService service) {
    return service.ports().stream()
        .filter(port -> port.protocol() != AppProtocol.UDP)
        .map(MeshService.Port::target)
        .collect(Collectors.toSet());
  }
}
