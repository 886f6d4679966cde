package dev.meshctl.model.validation.workloads;

import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.Pod;
import dev.meshctl.model.resource.Workload;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.InjectionAnnotations;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import java.util.Map;

/** Annotations that Istio takes back, and those for an injector that it would not understand. */
final class AnnotationChecks {
  private static final Map<String, String> DEPRECATED =
      Map.of(
          "sidecar.istio.io/inject", "write it as a label of the pods",
          "sidecar.istio.io/rewriteAppHTTPProbers", "write it in values of the injector",
          "kubernetes.io/ingress.class", "write spec.ingressClassName",
          "policy.istio.io/check", "remove it: Mixer is gone",
          "policy.istio.io/checkRetries", "remove it: Mixer is gone",
          "alpha.istio.io/identity", "remove it",
          "alpha.istio.io/kubernetes-serviceaccounts", "remove it",
          "networking.istio.io/exportTo", "write spec.exportTo where there is one");

  private static final String ANNOTATIONS = "metadata.annotations";
  private static final String OF_TEMPLATES = "spec.template.";
  private static final String OF_JOBS = "spec.jobTemplate.spec.template.";

  private AnnotationChecks() {}

  static void run(Facts facts, Findings findings) {
    for (Located<MeshResource> located : facts.all(MeshResource.class)) {
      Metadata metadata = located.resource().metadata();
      check(located, ANNOTATIONS, metadata.annotations(), findings);
      if (located.resource() instanceof Pod) {
        ofPods(located, ANNOTATIONS, metadata.annotations(), findings);
      }
      if (located.resource() instanceof Workload workload) {
        Map<String, String> ofTemplate = workload.template().annotations();
        String path = (workload instanceof Workload.CronJob ? OF_JOBS : OF_TEMPLATES) + ANNOTATIONS;
        check(located, path, ofTemplate, findings);
        ofPods(located, path, ofTemplate, findings);
      }
    }
  }

  private static void ofPods(
      Located<MeshResource> located,
      String path,
      Map<String, String> annotations,
      Findings findings) {
    for (InjectionAnnotations.Problem found : InjectionAnnotations.problems(annotations)) {
      findings.add(found.code(), located, path, found.problem(), found.fix());
    }
  }

  private static void check(
      Located<MeshResource> located,
      String path,
      Map<String, String> annotations,
      Findings findings) {
    for (String name : annotations.keySet()) {
      String instead = DEPRECATED.get(name);
      // On Services it still is the only way to say it.
      boolean stillMeant =
          name.equals("networking.istio.io/exportTo")
              && located.resource().kind().equals("Service");
      if (instead != null && !stillMeant) {
        findings.add(
            DiagnosticCode.DEPRECATED_ANNOTATION,
            located,
            path,
            "'" + name + "' is deprecated",
            instead);
      }
    }
  }
}
