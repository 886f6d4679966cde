package dev.meshctl.model.xds.translation;

import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.traffic.MeshService.Backing;
import dev.meshctl.model.traffic.ServiceRegistry;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.backing.Backend;
import dev.meshctl.model.xds.backing.Backends;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Virtual addresses of services where capture is transparent: a Service's by its number, else those
 * that its cluster gave it; a ServiceEntry host's as written, else one in {@code 240.240.0.0/16} by
 * a hash of its name (as Istio allocates them), so that it stays when other hosts come.
 */
final class VirtualAddresses {
  private static final int SLOTS = 65_000;
  private static final int BYTE = 256;

  private final MeshInventory inventory;
  private final Map<String, String> allocated = new HashMap<>();

  VirtualAddresses(ServiceRegistry services, MeshInventory inventory) {
    this.inventory = inventory;
    Set<Integer> taken = new HashSet<>();
    for (MeshService service : services.all()) {
      if (service.backing() instanceof Backing.External
          && service.addresses().isEmpty()
          && !HostNames.isWildcard(service.hostname())) {
        int slot = Math.floorMod(service.hostname().hashCode(), SLOTS) + 1;
        while (!taken.add(slot)) {
          slot = slot % SLOTS + 1;
        }
        allocated.put(service.hostname(), "240.240." + slot / BYTE + "." + slot % BYTE);
      }
    }
  }

  /** The number of a Service; with an address prefix it makes an address. */
  Optional<Integer> number(MeshService service) {
    return service.backing() instanceof Backing.External
        ? Optional.empty()
        : Optional.ofNullable(
            inventory.serviceNumbers().get(service.namespace() + "/" + service.name()));
  }

  /** The addresses that all transparently captured workloads share, the usual one first. */
  List<String> shared(MeshService service) {
    if (service.backing() instanceof Backing.External) {
      String own = allocated.get(service.hostname());
      return own == null ? service.addresses() : List.of(own);
    }
    return inventory.serviceAddressPrefix().isEmpty()
        ? service.addresses()
        : number(service).map(number -> inventory.serviceAddressPrefix() + number).stream()
            .toList();
  }

  /** All addresses of the service's backends that answer. */
  static List<String> answering(Backends backends, MeshService service) {
    return backends.of(service).stream()
        .filter(Backend::answers)
        .map(backend -> backend.instance().address())
        .distinct()
        .toList();
  }
}
