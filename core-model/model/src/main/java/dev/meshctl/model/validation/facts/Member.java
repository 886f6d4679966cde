package dev.meshctl.model.validation.facts;

import dev.meshctl.model.resource.Pod;
import dev.meshctl.model.resource.PodTemplate;
import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.resource.Workload;
import dev.meshctl.model.resource.WorkloadEntry;
import dev.meshctl.model.resource.WorkloadGroup;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What may stand behind a service.
 *
 * @param ports where it listens, by the name of the port
 * @param template of pods, which are all alike
 */
public record Member(
    ResourceId id, Map<String, String> labels, Map<String, Integer> ports, boolean template) {

  public static Member of(Workload workload) {
    return new Member(
        workload.id(),
        workload.template().labels(),
        PodTemplate.namedPorts(workload.template().containers()),
        true);
  }

  public static Member of(Pod pod) {
    return new Member(
        pod.id(), pod.metadata().labels(), PodTemplate.namedPorts(pod.containers()), false);
  }

  public static Member of(WorkloadEntry entry) {
    Map<String, String> labels = new LinkedHashMap<>(entry.spec().labels());
    labels.putAll(entry.metadata().labels());
    return new Member(entry.id(), labels, entry.spec().ports(), false);
  }

  public static Member of(ResourceId entry, WorkloadEntry.Spec endpoint) {
    return new Member(entry, endpoint.labels(), endpoint.ports(), false);
  }

  public static Member of(WorkloadGroup group) {
    Map<String, String> labels = new LinkedHashMap<>(group.template().labels());
    labels.putAll(group.labels());
    return new Member(group.id(), labels, group.template().ports(), false);
  }

  public boolean carries(Map<String, String> wanted) {
    return labels.entrySet().containsAll(wanted.entrySet());
  }
}
