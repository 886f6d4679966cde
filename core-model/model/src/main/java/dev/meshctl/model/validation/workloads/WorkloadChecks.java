package dev.meshctl.model.validation.workloads;

import dev.meshctl.model.resource.Deployment;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.ServiceAccount;
import dev.meshctl.model.resource.Workload;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.Suggestion;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import java.util.List;
import java.util.TreeMap;

/** What makes pods: its identity and its selector. */
final class WorkloadChecks {
  private WorkloadChecks() {}

  static void run(Facts facts, Findings findings) {
    for (Located<Workload> located : facts.all(Workload.class)) {
      if (!facts.isMade(located.resource().owner(), located.resource().metadata().namespace())) {
        serviceAccount(located, facts, findings);
      }
      switch (located.resource()) {
        case Deployment _,
            Workload.StatefulSet _,
            Workload.DaemonSet _,
            Workload.ReplicaSet _,
            Workload.ReplicationController _ ->
            selector(located, findings);
        // Its selector is the cluster's to make.
        case Workload.Job _, Workload.CronJob _ -> {}
      }
    }
  }

  private static void serviceAccount(Located<Workload> located, Facts facts, Findings findings) {
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
        (located.resource() instanceof Workload.CronJob ? "spec.jobTemplate." : "")
            + "spec.template.spec.serviceAccountName",
        "'" + account + "' is not there (expected: default, " + Suggestion.list(known) + ")",
        Suggestion.fix(account, known, DiagnosticCode.UNKNOWN_SERVICE_ACCOUNT.fix()));
  }

  private static void selector(Located<Workload> located, Findings findings) {
    Workload workload = located.resource();
    // Expressions are not looked at: they may well say what the labels do not.
    boolean selects =
        !workload.selector().isEmpty()
            || located.fields().containsKey("spec.selector.matchExpressions");
    if (!selects
        || !workload.template().labels().entrySet().containsAll(workload.selector().entrySet())) {
      findings.add(
          DiagnosticCode.SELECTOR_MISMATCH,
          located,
          workload instanceof Workload.ReplicationController
              ? "spec.selector"
              : "spec.selector.matchLabels",
          new TreeMap<>(workload.selector())
              + " does not match the pods' labels "
              + workload.template().labels());
    }
  }
}
