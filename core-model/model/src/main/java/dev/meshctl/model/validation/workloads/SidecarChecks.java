package dev.meshctl.model.validation.workloads;

import dev.meshctl.model.resource.Sidecar;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.resource.Workload;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.EgressHosts;
import dev.meshctl.model.traffic.Precedence;
import dev.meshctl.model.traffic.Sidecars;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Sidecars: which of them is in force, and whether what they import is there. */
final class SidecarChecks {
  private SidecarChecks() {}

  static void run(Facts facts, Findings findings) {
    List<Located<Sidecar>> all =
        facts.all(Sidecar.class).stream()
            .sorted((a, b) -> Precedence.ISTIO.compare(a.resource(), b.resource()))
            .toList();
    Map<String, Located<Sidecar>> scopes = new HashMap<>();
    for (Located<Sidecar> located : all) {
      scope(located, scopes, findings);
      root(located, facts, findings);
      hosts(located, facts, findings);
    }
    overlaps(all, facts, findings);
  }

  private static void scope(
      Located<Sidecar> located, Map<String, Located<Sidecar>> scopes, Findings findings) {
    Sidecar sidecar = located.resource();
    Located<Sidecar> first =
        scopes.putIfAbsent(
            sidecar.metadata().namespace() + new TreeMap<>(sidecar.workloadSelector()), located);
    if (first != null) {
      findings.add(
          DiagnosticCode.SEVERAL_SIDECARS,
          located,
          "metadata.name",
          "has the scope of " + first.resource().id() + ", which is in force");
    }
  }

  private static void root(Located<Sidecar> located, Facts facts, Findings findings) {
    Sidecar sidecar = located.resource();
    if (sidecar.metadata().namespace().equals(facts.rootNamespace())
        && !sidecar.workloadSelector().isEmpty()) {
      findings.add(
          DiagnosticCode.ROOT_SIDECAR_WITH_SELECTOR,
          located,
          "spec.workloadSelector",
          "holds in " + facts.rootNamespace() + " alone");
    }
  }

  private static void hosts(Located<Sidecar> located, Facts facts, Findings findings) {
    Sidecar sidecar = located.resource();
    for (int i = 0; i < sidecar.egress().size(); i++) {
      List<Sidecar.Host> hosts = sidecar.egress().get(i).hosts();
      for (int j = 0; j < hosts.size(); j++) {
        Sidecar.Host host = hosts.get(j);
        // All of a namespace is what people write before anything is there.
        boolean certain = !host.excluded() && !host.name().equals("*");
        if (certain
            && !facts.hostMayExist(host.name())
            && !isThere(host, sidecar.metadata().namespace(), facts)) {
          findings.add(
              DiagnosticCode.EGRESS_HOST_MATCHES_NOTHING,
              located,
              "spec.egress[" + i + "].hosts[" + j + "]",
              "'" + host.namespace() + "/" + host.name() + "' lets nothing in");
        }
      }
    }
  }

  /** A Sidecar of the root namespace is asked from any. */
  private static boolean isThere(Sidecar.Host host, String namespace, Facts facts) {
    boolean anywhere =
        namespace.equals(facts.rootNamespace())
            && host.namespace().equals(Sidecar.Host.OWN_NAMESPACE);
    Sidecar.Host asked =
        anywhere ? new Sidecar.Host(false, Sidecar.Host.ANY_NAMESPACE, host.name()) : host;
    EgressHosts hosts = new EgressHosts(List.of(asked), namespace);
    return facts.services().visibleTo(namespace, hosts::imports).all().stream()
            .anyMatch(hosts::imports)
        || facts.all(VirtualService.class).stream()
            .anyMatch(virtualService -> hosts.imports(virtualService.resource()));
  }

  private static void overlaps(List<Located<Sidecar>> all, Facts facts, Findings findings) {
    Map<Sidecar, Located<Sidecar>> places = new HashMap<>();
    all.forEach(located -> places.put(located.resource(), located));
    Sidecars sidecars =
        Sidecars.of(all.stream().map(Located::resource).toList(), facts.rootNamespace());
    Set<List<Sidecar>> told = new HashSet<>();
    for (Workload workload : Workload.topmost(facts.plain())) {
      List<Sidecar> selecting =
          sidecars.selecting(workload.metadata().namespace(), workload.template().labels());
      for (Sidecar other : selecting.stream().skip(1).toList()) {
        Sidecar inForce = selecting.getFirst();
        Located<Sidecar> place = places.get(other);
        if (place != null
            && !other.workloadSelector().equals(inForce.workloadSelector())
            && told.add(List.of(inForce, other))) {
          findings.add(
              DiagnosticCode.OVERLAPPING_SIDECARS,
              place,
              "spec.workloadSelector",
              "selects " + workload.id() + " as " + inForce.id() + " does, which is in force");
        }
      }
    }
  }
}
