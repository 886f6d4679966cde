package dev.meshctl.model.validation.security;

import dev.meshctl.model.resource.BackendTlsPolicy;
import dev.meshctl.model.resource.ObjectRef;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.BackendPolicies;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import java.util.List;
import java.util.Optional;

/** BackendTLSPolicies: their targets and authorities. */
final class BackendPolicyChecks {
  private BackendPolicyChecks() {}

  static void run(Facts facts, Findings findings) {
    BackendPolicies policies = BackendPolicies.of(facts.plain());
    for (Located<BackendTlsPolicy> policy : facts.all(BackendTlsPolicy.class)) {
      List<BackendTlsPolicy.Target> targets = policy.resource().targets();
      for (int i = 0; i < targets.size(); i++) {
        String path = "spec.targetRefs[" + i + "]";
        target(policy, path, targets.get(i), facts, findings);
        policies
            .insteadOf(policy.resource(), targets.get(i))
            .ifPresent(other ->
                findings.add(
                    DiagnosticCode.POLICY_CONFLICT,
                    policy,
                    path,
                    other.id() + " is for the same target, and holds"));
      }
      authorities(policy, facts, findings);
    }
  }

  private static void target(
      Located<BackendTlsPolicy> policy,
      String path,
      BackendTlsPolicy.Target target,
      Facts facts,
      Findings findings) {
    if (!SecretChecks.refersWell(
        policy, path, target.object(), List.of("Service"), facts, findings)) {
      return;
    }
    String namespace = policy.resource().metadata().namespace();
    Optional<MeshService> service = facts.services().service(namespace, target.object().name());
    if (service.isEmpty()) {
      if (!facts.mayExist("Service", namespace, target.object().name())) {
        findings.add(
            DiagnosticCode.UNKNOWN_BACKEND,
            policy,
            path + ".name",
            "there is no Service " + namespace + "/" + target.object().name());
      }
    } else if (!target.sectionName().isEmpty()
        && service.get().ports().stream().noneMatch(p -> p.name().equals(target.sectionName()))) {
      findings.add(
          DiagnosticCode.UNKNOWN_BACKEND,
          policy,
          path + ".sectionName",
          "'" + target.sectionName() + "' is no port of " + service.get().hostname());
    }
  }

  private static void authorities(
      Located<BackendTlsPolicy> policy, Facts facts, Findings findings) {
    List<ObjectRef> refs = policy.resource().authorities();
    if (refs.isEmpty() && !policy.resource().systemRoots()) {
      findings.add(
          DiagnosticCode.UNKNOWN_SECRET,
          policy,
          "spec.validation",
          "says nobody who may have signed the backend (expected: caCertificateRefs, or"
              + " wellKnownCACertificates: System)");
    }
    for (int i = 0; i < refs.size(); i++) {
      String path = "spec.validation.caCertificateRefs[" + i + "]";
      ObjectRef ref = refs.get(i);
      List<String> kinds = List.of(ObjectRef.CONFIG_MAP, ObjectRef.SECRET);
      if (SecretChecks.refersWell(policy, path, ref, kinds, facts, findings)
          && !facts.mayExist(ref.kind(), ref.namespace(), ref.name())
          && facts
              .secrets()
              .authorities(policy.resource(), List.of(ref), facts.grants())
              .isEmpty()) {
        findings.add(
            DiagnosticCode.UNKNOWN_SECRET,
            policy,
            path,
            "there is no " + ref + " with certificates (expected: PEM in ca.crt)");
      }
    }
  }
}
