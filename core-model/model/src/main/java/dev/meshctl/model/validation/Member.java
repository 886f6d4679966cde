package dev.meshctl.model.validation;

import dev.meshctl.model.resource.PodTemplate;
import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.resource.Workload;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What may stand behind a service.
 *
 * @param ports where it listens, by the name of the port
 */
record Member(ResourceId id, Map<String, String> labels, Map<String, Integer> ports) {

  static Member of(Workload workload) {
    return new Member(
        workload.id(), workload.template().labels(), ports(workload.template().containers()));
  }

  boolean carries(Map<String, String> wanted) {
    return labels.entrySet().containsAll(wanted.entrySet());
  }

  static Map<String, Integer> ports(Iterable<PodTemplate.Container> containers) {
    Map<String, Integer> ports = new LinkedHashMap<>();
    for (PodTemplate.Container container : containers) {
      for (PodTemplate.ContainerPort port : container.ports()) {
        if (!port.name().isEmpty()) {
          ports.putIfAbsent(port.name(), port.port());
        }
      }
    }
    return ports;
  }
}
