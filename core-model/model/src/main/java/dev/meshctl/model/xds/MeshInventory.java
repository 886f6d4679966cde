package dev.meshctl.model.xds;

import java.util.List;
import java.util.Map;

/**
 * What runs, beside what is configured: on a cluster from Pods and Services' addresses, on one
 * machine from the local launcher (as {@code inventory.json}).
 *
 * @param serviceNumbers {@code namespace/name} of a Service to a number from 1, stable for the life
 *     of the mesh; with an address prefix it gives the Service's virtual address
 * @param serviceAddressPrefix for example {@code 10.96.0.}; number n is at prefix + n
 */
public record MeshInventory(
    List<WorkloadInstance> instances,
    Map<String, Integer> serviceNumbers,
    String serviceAddressPrefix) {
  public static final MeshInventory EMPTY = new MeshInventory(List.of(), Map.of(), "");

  public MeshInventory {
    instances = List.copyOf(instances);
    serviceNumbers = Map.copyOf(serviceNumbers);
  }
}
