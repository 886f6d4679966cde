package dev.meshctl.dataplane.balance;

import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Where this proxy and its like stand.
 *
 * @param locality of this one
 * @param hosts healthy ones of its own cluster in each locality
 */
public record LocalZone(Locality locality, Map<Locality, Integer> hosts) {
  public LocalZone {
    hosts = Map.copyOf(hosts);
  }

  /** Of the hosts of {@code ownCluster}. */
  public static LocalZone of(Locality locality, LoadAssignment ownCluster) {
    return new LocalZone(
        locality,
        ownCluster.localities().stream()
            .collect(
                Collectors.toMap(
                    LoadAssignment.LocalityEndpoints::locality,
                    group ->
                        (int)
                            group.endpoints().stream()
                                .filter(endpoint -> endpoint.health() == Health.HEALTHY)
                                .count(),
                    Integer::sum)));
  }
}
