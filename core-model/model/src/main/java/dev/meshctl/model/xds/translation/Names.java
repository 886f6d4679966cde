package dev.meshctl.model.xds.translation;

import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.traffic.MeshService.Backing;
import dev.meshctl.model.xds.NameTable;
import dev.meshctl.model.xds.backing.Backend;
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
        List<String> ready = VirtualAddresses.answering(view.backends(), behind);
        if (!ready.isEmpty()) {
          table.put(service.hostname(), ready);
        }
        view.backends().of(behind).stream()
            .filter(Backend::answers)
            .forEach(backend ->
                table.put(
                    backend.hostname() + "." + service.hostname(),
                    List.of(backend.instance().address())));
      } else {
        List<String> addresses = view.addresses().shared(behind);
        if (!addresses.isEmpty()) {
          table.put(service.hostname(), addresses);
        }
      }
    }
    return new NameTable(NameTable.NAME, table);
  }
}
