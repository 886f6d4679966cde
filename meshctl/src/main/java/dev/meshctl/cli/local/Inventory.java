package dev.meshctl.cli.local;

import dev.meshctl.app.config.ConfigFiles;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.WorkloadInstance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What runs, as the control plane is to know it: kept here, written to {@code inventory.json} at
 * each change. A Service keeps its number for the life of the mesh.
 *
 * <p>Thread: any.
 */
final class Inventory {
  private final Path file;
  private final String servicePrefix;
  private final Map<String, WorkloadInstance> instances = new TreeMap<>();
  private final Map<String, Integer> serviceNumbers = new TreeMap<>();
  private String written = "";

  Inventory(Path file, String servicePrefix) {
    this.file = file;
    this.servicePrefix = servicePrefix;
  }

  Path file() {
    return file;
  }

  /** Numbers Services that have none yet, in the order of their names. */
  synchronized void services(List<Service> services) {
    services.stream()
        .map(service -> service.metadata().namespace() + "/" + service.metadata().name())
        .sorted(Comparator.naturalOrder())
        .forEach(key -> serviceNumbers.putIfAbsent(key, serviceNumbers.size() + 1));
    write();
  }

  synchronized int number(Service service) {
    Integer number =
        serviceNumbers.get(service.metadata().namespace() + "/" + service.metadata().name());
    if (number == null) {
      throw new IllegalArgumentException(service.id() + " was never numbered");
    }
    return number;
  }

  synchronized void put(WorkloadInstance instance) {
    instances.put(instance.namespace() + "/" + instance.name(), instance);
    write();
  }

  synchronized void remove(String namespace, String name) {
    if (instances.remove(namespace + "/" + name) != null) {
      write();
    }
  }

  synchronized MeshInventory snapshot() {
    return new MeshInventory(List.copyOf(instances.values()), serviceNumbers, servicePrefix);
  }

  private void write() {
    String json = ConfigFiles.json(snapshot());
    if (json.equals(written)) {
      return;
    }
    try {
      RunFolder.write(file, json);
      written = json;
    } catch (IOException lost) {
      throw new UncheckedIOException("inventory " + file, lost);
    }
  }
}
