package dev.meshctl.model.validation;

import dev.meshctl.model.resource.MeshConfig;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import java.util.List;

/** The MeshConfig: that there is one, and that it is of this mesh. */
final class MeshConfigChecks {
  private static final String TRUST_DOMAIN = "trustDomain";

  private MeshConfigChecks() {}

  static void run(String trustDomain, Facts facts, Findings findings) {
    List<Located<MeshConfig>> all = facts.all(MeshConfig.class);
    MeshConfig inForce = MeshConfig.in(facts.plain());
    for (Located<MeshConfig> located : all) {
      MeshConfig mesh = located.resource();
      if (!mesh.equals(inForce)) {
        findings.add(
            DiagnosticCode.SEVERAL_MESH_CONFIGS,
            located,
            "",
            "is not in force beside " + inForce.id());
      } else if (!mesh.trustDomain().isEmpty() && !mesh.trustDomain().equals(trustDomain)) {
        String nested = "spec.meshConfig." + TRUST_DOMAIN;
        findings.add(
            DiagnosticCode.FIELD_NOT_APPLIED,
            located,
            located.fields().containsKey(nested) ? nested : TRUST_DOMAIN,
            "'"
                + mesh.trustDomain()
                + "' is not applied: the mesh's is '"
                + trustDomain
                + "', as it was started");
      }
    }
  }
}
