package dev.meshctl.model.xds.translation;

import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.traffic.MeshService.Backing;
import dev.meshctl.model.traffic.ServiceRegistry;
import dev.meshctl.model.xds.MeshInventory;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Virtual addresses of services where capture is transparent: a Service's by its number, a
 * ServiceEntry host's in {@code 240.240.0.0/16} by a hash of its name (as Istio allocates them), so
 * that it stays when other hosts come.
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

  /** The address that all transparently captured workloads share. */
  Optional<String> shared(MeshService service) {
    if (service.backing() instanceof Backing.External) {
      return Optional.ofNullable(allocated.get(service.hostname()));
    }
    return inventory.serviceAddressPrefix().isEmpty()
        ? Optional.empty()
        : number(service).map(number -> inventory.serviceAddressPrefix() + number);
  }

  /** All literal addresses of the service's replicas that are ready. */
  static List<String> ready(Workloads workloads, MeshService service) {
    return workloads.instances(service).stream()
        .filter(instance -> instance.ready())
        .map(instance -> instance.address())
        .distinct()
        .toList();
  }
}
