package dev.meshctl.model.resource;

import java.util.Map;

/**
 * Istio {@code networking.istio.io/WorkloadGroup}: what WorkloadEntries that register themselves
 * are made of.
 *
 * @param labels {@code spec.metadata.labels} of the entries
 */
public record WorkloadGroup(
    Metadata metadata, Map<String, String> labels, WorkloadEntry.Spec template)
    implements MeshResource {
  public WorkloadGroup {
    labels = InOrder.copyOf(labels);
  }

  @Override
  public String kind() {
    return "WorkloadGroup";
  }
}
