package dev.meshctl.model.xds.translation;

import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.traffic.MeshService.Backing;
import dev.meshctl.model.xds.NameTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the DNS of a transparently captured workload answers. */
final class Names {
  private Names() {}

  /**
   * A service's virtual address; a headless one's replicas, and each replica under the service's
   * name; an alias's what it stands for.
   *
   * @param services whose names are told
   */
  static NameTable of(MeshView view, List<MeshService> services) {
    Map<String, List<String>> table = new HashMap<>();
    for (MeshService service : services) {
      MeshService behind = view.services().behind(service);
      if (behind.backing() instanceof Backing.Workloads workloads && workloads.headless()) {
        List<String> ready = VirtualAddresses.ready(view.workloads(), behind);
        if (!ready.isEmpty()) {
          table.put(service.hostname(), ready);
        }
        view.workloads().instances(behind).stream()
            .filter(instance -> instance.ready())
            .forEach(instance ->
                table.put(instance.name() + "." + service.hostname(), List.of(instance.address())));
      } else {
        view.addresses()
            .shared(behind)
            .ifPresent(address -> table.put(service.hostname(), List.of(address)));
      }
    }
    return new NameTable(NameTable.NAME, table);
  }
}
