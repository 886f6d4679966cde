package dev.meshctl.model.validation.workloads;

import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.ServiceEntry;
import dev.meshctl.model.resource.ServiceEntry.Resolution;
import dev.meshctl.model.resource.WorkloadEntry;
import dev.meshctl.model.resource.WorkloadGroup;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.traffic.MeshService.Backing;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import dev.meshctl.model.validation.facts.Member;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** WorkloadEntries, WorkloadGroups and what ServiceEntries select. */
final class EntryChecks {
  private static final String UNIX = "unix://";

  private EntryChecks() {}

  static void run(Facts facts, Findings findings) {
    for (Located<WorkloadEntry> entry : facts.all(WorkloadEntry.class)) {
      Member member = Member.of(entry.resource());
      String path = entry.resource().spec().labels().isEmpty() ? "metadata" : "spec.labels";
      List<MeshService> selecting = selected(entry, path, member, facts, findings);
      reachable(entry, selecting, findings);
    }
    for (Located<WorkloadGroup> group : facts.all(WorkloadGroup.class)) {
      selected(group, "spec", Member.of(group.resource()), facts, findings);
    }
    for (Located<ServiceEntry> entry : facts.all(ServiceEntry.class)) {
      selector(entry, facts, findings);
      inline(entry, findings);
    }
  }

  /** The services that select it; none is a finding. */
  private static List<MeshService> selected(
      Located<? extends MeshResource> where,
      String path,
      Member member,
      Facts facts,
      Findings findings) {
    List<MeshService> selecting =
        facts.services().all().stream()
            .filter(service -> facts.workloads(service).contains(member))
            .toList();
    if (selecting.isEmpty() && !facts.servicesMayExist()) {
      findings.add(
          DiagnosticCode.UNSELECTED_ENTRY,
          where,
          path,
          new TreeMap<>(member.labels())
              + " meets no selector of a Service or ServiceEntry in "
              + member.id().namespace());
    }
    return selecting;
  }

  private static void reachable(
      Located<WorkloadEntry> entry, List<MeshService> selecting, Findings findings) {
    String address = entry.resource().spec().address();
    if (address.isEmpty()) {
      findings.add(
          DiagnosticCode.UNREACHABLE_ENTRY,
          entry,
          "spec.network",
          "'"
              + entry.resource().spec().network()
              + "' has no gateway here, and the entry no address: nobody can reach it");
      return;
    }
    if (isLiteral(address)) {
      return;
    }
    Optional<MeshService> byAddress =
        selecting.stream().filter(service -> !isByName(service)).findFirst();
    byAddress.ifPresent(service ->
        findings.add(
            DiagnosticCode.UNREACHABLE_ENTRY,
            entry,
            "spec.address",
            "'" + address + "' is a name, and " + service.hostname() + " takes addresses only"));
  }

  private static boolean isByName(MeshService service) {
    return service.backing() instanceof Backing.External(var declared)
        && declared.resolution() == Resolution.DNS;
  }

  private static boolean isLiteral(String address) {
    return address.startsWith(UNIX) || IpBlock.parse(address).isPresent();
  }

  private static void inline(Located<ServiceEntry> entry, Findings findings) {
    List<WorkloadEntry.Spec> endpoints = entry.resource().endpoints();
    for (int i = 0; i < endpoints.size(); i++) {
      String address = endpoints.get(i).address();
      if (entry.resource().resolution() == Resolution.DNS && address.startsWith(UNIX)) {
        findings.add(
            DiagnosticCode.UNREACHABLE_ENTRY,
            entry,
            "spec.endpoints[" + i + "].address",
            "'" + address + "' is no name that DNS could be asked for",
            "write resolution STATIC");
      }
      if (entry.resource().resolution() == Resolution.STATIC && !isLiteral(address)) {
        findings.add(
            DiagnosticCode.UNREACHABLE_ENTRY,
            entry,
            "spec.endpoints[" + i + "].address",
            address.isEmpty()
                ? "is not written, and its network has no gateway here"
                : "'" + address + "' is a name, and resolution STATIC takes addresses only");
      }
    }
  }

  private static void selector(Located<ServiceEntry> entry, Facts facts, Findings findings) {
    Optional<Map<String, String>> selector = entry.resource().workloadSelector();
    Optional<MeshService> host =
        facts.services().all().stream()
            .filter(service ->
                service.backing() instanceof Backing.External(var declared)
                    && declared.equals(entry.resource()))
            .findFirst();
    if (selector.isPresent() && host.isPresent() && facts.workloads(host.get()).isEmpty()) {
      findings.add(
          DiagnosticCode.SERVICE_WITHOUT_WORKLOAD,
          entry,
          "spec.workloadSelector",
          new TreeMap<>(selector.get())
              + " matches no workload in "
              + entry.resource().metadata().namespace());
    }
  }
}
