package dev.meshctl.model.validation.workloads;

import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;

/** All checks of who answers, and of the sidecars beside them. */
public final class Workloads {
  private Workloads() {}

  public static void check(Facts facts, Findings findings) {
    ServiceChecks.run(facts, findings);
    PortChecks.run(facts, findings);
    WorkloadChecks.run(facts, findings);
    EndpointChecks.run(facts, findings);
    EntryChecks.run(facts, findings);
    SelectionChecks.run(facts, findings);
    SidecarChecks.run(facts, findings);
    InjectionChecks.run(facts, findings);
    AnnotationChecks.run(facts, findings);
  }
}
