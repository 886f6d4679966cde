package dev.meshctl.model.validation.workloads;

import dev.meshctl.model.resource.AuthorizationPolicy;
import dev.meshctl.model.resource.Namespace;
import dev.meshctl.model.resource.PeerAuthentication;
import dev.meshctl.model.resource.Workload;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Who gets a sidecar in a cluster: labels of namespaces and pods. */
final class InjectionChecks {
  private static final String INJECTION = "istio-injection";
  private static final String REVISION = "istio.io/rev";
  private static final String INJECT = "sidecar.istio.io/inject";
  private static final String AMBIENT = "istio.io/dataplane-mode";
  private static final Set<String> SYSTEM =
      Set.of("kube-system", "kube-public", "kube-node-lease", "local-path-storage");

  private InjectionChecks() {}

  static void run(Facts facts, Findings findings) {
    for (Located<Namespace> namespace : facts.all(Namespace.class)) {
      namespace(namespace, facts, findings);
    }
    for (Located<Workload> workload : facts.all(Workload.class)) {
      workload(workload, facts, findings);
    }
  }

  private static void namespace(Located<Namespace> located, Facts facts, Findings findings) {
    String name = located.resource().metadata().name();
    Map<String, String> labels = located.resource().metadata().labels();
    if (labels.containsKey(INJECTION) && labels.containsKey(REVISION)) {
      findings.add(
          DiagnosticCode.SEVERAL_INJECTION_LABELS,
          located,
          "metadata.labels",
          "has " + INJECTION + " and " + REVISION + " (expected: one of them)");
      return;
    }
    boolean said =
        Stream.of(INJECTION, REVISION, AMBIENT).anyMatch(labels::containsKey)
            || SYSTEM.contains(name)
            || name.equals(facts.rootNamespace());
    List<Workload> unsaid =
        facts.all(Workload.class).stream()
            .map(Located::resource)
            .filter(workload -> workload.metadata().namespace().equals(name))
            .filter(workload -> asked(workload).isEmpty())
            .toList();
    if (!said && !unsaid.isEmpty()) {
      findings.add(
          DiagnosticCode.NAMESPACE_NOT_INJECTED,
          located,
          "metadata.labels",
          "says nothing of sidecars, and " + unsaid.getFirst().id() + " neither",
          "label it: istio-injection: enabled (or disabled)");
    }
  }

  /** The pods' own word: {@code "true"}, {@code "false"}. */
  private static Optional<String> asked(Workload workload) {
    return Optional.ofNullable(workload.template().labels().get(INJECT))
        .or(() -> Optional.ofNullable(workload.template().annotations().get(INJECT)));
  }

  private static void workload(Located<Workload> located, Facts facts, Findings findings) {
    Workload workload = located.resource();
    String namespace = workload.metadata().namespace();
    boolean off =
        asked(workload)
            .map(word -> word.equals("false"))
            .orElseGet(() ->
                facts
                    .find("Namespace", "", namespace)
                    .map(found -> found.metadata().labels().get(INJECTION))
                    .filter("disabled"::equals)
                    .isPresent());
    if (off) {
      policy(workload, facts)
          .ifPresent(policy ->
              findings.add(
                  DiagnosticCode.POLICY_WITHOUT_SIDECAR,
                  located,
                  asked(workload).isPresent() ? "spec.template.metadata" : "metadata.namespace",
                  "gets no sidecar, which would enforce " + policy));
    }
  }

  /** Something that only a sidecar enforces; policies for everybody are not meant for it. */
  private static Optional<String> policy(Workload workload, Facts facts) {
    String namespace = workload.metadata().namespace();
    Map<String, String> labels = workload.template().labels();
    Optional<String> access =
        facts.all(AuthorizationPolicy.class).stream()
            .map(Located::resource)
            .filter(policy -> policy.metadata().namespace().equals(namespace))
            .filter(policy -> !policy.selector().isEmpty())
            .filter(policy -> labels.entrySet().containsAll(policy.selector().entrySet()))
            .map(policy -> policy.id().toString())
            .findFirst();
    return access.or(() ->
        facts.all(PeerAuthentication.class).stream()
            .map(Located::resource)
            .filter(policy -> policy.metadata().namespace().equals(namespace))
            .filter(policy -> !policy.selector().isEmpty())
            .filter(policy -> labels.entrySet().containsAll(policy.selector().entrySet()))
            .map(policy -> policy.id().toString())
            .findFirst());
  }
}
