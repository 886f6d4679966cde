package dev.meshctl.model.validation.facts;

import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.DiagnosticCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Gathers what checks find. */
public final class Findings {
  private final List<Diagnostic> diagnostics = new ArrayList<>();

  public void add(
      DiagnosticCode code, Located<? extends MeshResource> where, String path, String problem) {
    add(code, where, path, problem, code.fix());
  }

  public void add(
      DiagnosticCode code,
      Located<? extends MeshResource> where,
      String path,
      String problem,
      String fix) {
    diagnostics.add(code.at(where.resource().id().toString(), where.at(path), path, problem, fix));
  }

  /**
   * Reports names that stand twice.
   *
   * @param pathPattern of each name, with {@code %d} for its index
   */
  public void addDuplicates(
      Located<? extends MeshResource> where, String pathPattern, List<String> names) {
    Map<String, Integer> first = new HashMap<>();
    for (int i = 0; i < names.size(); i++) {
      Integer earlier = first.putIfAbsent(names.get(i), i);
      if (earlier != null) {
        String path = pathPattern.formatted(i);
        add(
            DiagnosticCode.DUPLICATE_NAME,
            where,
            path,
            "'"
                + names.get(i)
                + "' stands at "
                + pathPattern.formatted(earlier)
                + " too (expected: a name of its own)");
      }
    }
  }

  public List<Diagnostic> diagnostics() {
    return diagnostics;
  }
}
