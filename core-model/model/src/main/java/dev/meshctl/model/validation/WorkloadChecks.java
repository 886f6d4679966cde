package dev.meshctl.model.validation;

import dev.meshctl.model.resource.Deployment;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.ServiceAccount;
import dev.meshctl.model.source.Located;
import java.util.List;
import java.util.TreeMap;

/** Deployments: their identity and their selectors. */
final class WorkloadChecks {
  private WorkloadChecks() {}

  static void run(Facts facts, Findings findings) {
    for (Located<Deployment> located : facts.all(Deployment.class)) {
      serviceAccount(located, facts, findings);
      selector(located, findings);
    }
  }

  private static void serviceAccount(Located<Deployment> located, Facts facts, Findings findings) {
    String namespace = located.resource().metadata().namespace();
    String account = located.resource().template().serviceAccount();
    if (account.equals("default")
        || facts.find("ServiceAccount", namespace, account).isPresent()
        || facts.mayExist("ServiceAccount", namespace, account)) {
      return;
    }
    List<String> known =
        facts.all(ServiceAccount.class).stream()
            .map(Located::resource)
            .map(MeshResource::metadata)
            .filter(metadata -> metadata.namespace().equals(namespace))
            .map(metadata -> metadata.name())
            .toList();
    findings.add(
        DiagnosticCode.UNKNOWN_SERVICE_ACCOUNT,
        located,
        "spec.template.spec.serviceAccountName",
        "'" + account + "' is not there (expected: default, " + Suggestion.list(known) + ")",
        Suggestion.fix(account, known, DiagnosticCode.UNKNOWN_SERVICE_ACCOUNT.fix()));
  }

  private static void selector(Located<Deployment> located, Findings findings) {
    Deployment deployment = located.resource();
    if (deployment.selector().isEmpty()
        || !deployment
            .template()
            .labels()
            .entrySet()
            .containsAll(deployment.selector().entrySet())) {
      findings.add(
          DiagnosticCode.SELECTOR_MISMATCH,
          located,
          "spec.selector.matchLabels",
          new TreeMap<>(deployment.selector())
              + " does not match the pods' labels "
              + deployment.template().labels());
    }
  }
}
