package dev.meshctl.model.explain;

import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.DestinationRules;
import dev.meshctl.model.traffic.ServiceRegistry;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.PolicyRule;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.backing.Backend;
import dev.meshctl.model.xds.backing.Backends;
import dev.meshctl.model.xds.translation.MeshTranslation;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A mesh and what runs in it, indexed for questions.
 *
 * <p>Threads: any; immutable.
 *
 * @param guessed some replicas are not known to run: they are those that the folder asks for, and
 *     their addresses mean nothing
 * @param imagined replicas that the folder asks for, although others tell of who answers for them
 */
public record Scene(
    ValidatedMesh mesh,
    Backends backends,
    boolean guessed,
    List<WorkloadInstance> imagined,
    ServiceRegistry services,
    DestinationRules rules,
    MeshTranslation translation) {
  /**
   * @param running what runs; empty takes the replicas that the folder asks for
   */
  public static Scene of(ValidatedMesh mesh, Optional<MeshInventory> running) {
    MeshInventory inventory = running.orElseGet(() -> MeshInventory.askedFor(mesh));
    return new Scene(
        mesh,
        Backends.of(mesh, inventory),
        running.isEmpty() && !inventory.instances().isEmpty(),
        running.isEmpty() ? MeshInventory.imagined(mesh) : List.of(),
        ServiceRegistry.of(mesh),
        DestinationRules.of(mesh),
        MeshTranslation.of(mesh, inventory));
  }

  /** The place of {@code field} of a resource; empty where the mesh does not have it. */
  public Optional<Explanation.Source> source(ResourceId id, String field) {
    for (Located<? extends MeshResource> located : mesh.resources()) {
      if (located.resource().id().equals(id)) {
        return Optional.of(Explanation.Source.at(id, located.at(field)));
      }
    }
    return Optional.empty();
  }

  /** The line of an AuthorizationPolicy's rule, by the rule's name; empty where it is none. */
  public Optional<Explanation.Source> rule(String name) {
    return PolicyRule.parse(name).flatMap(rule -> source(rule.resource(), rule.field()));
  }

  /** As certificates have it. */
  public String identity(String namespace, String serviceAccount) {
    return mesh.identity(namespace, serviceAccount);
  }

  /** The sidecar of a replica, connections to which the kernel turns to it. */
  public static ProxyNode sidecar(WorkloadInstance instance) {
    return new ProxyNode(
        "sidecar~" + instance.address() + "~" + instance.name() + "." + instance.namespace(),
        ProxyNode.Role.SIDECAR,
        instance.namespace(),
        instance.workload(),
        instance.name(),
        instance.serviceAccount(),
        instance.labels(),
        new ProxyNode.Capture.Transparent(instance.address()));
  }

  /** Where it is; the address of a machine that is known by a name, or at a pipe, is nobody's. */
  public static InetSocketAddress socket(String address, int port) {
    boolean literal = IpBlock.parse(address).filter(IpBlock::isSingle).isPresent();
    return new InetSocketAddress(InetAddress.ofLiteral(literal ? address : "0.0.0.0"), port);
  }

  /** The replica at an address; empty where it is none of the mesh. */
  public Optional<WorkloadInstance> at(String address) {
    return instances().stream().filter(instance -> instance.address().equals(address)).findFirst();
  }

  /** Who may ask: whoever is there, and whoever would be. */
  public List<WorkloadInstance> clients() {
    Set<String> there = new HashSet<>();
    List<WorkloadInstance> all = new ArrayList<>(instances());
    all.forEach(instance -> there.add(instance.namespace() + "/" + instance.name()));
    imagined.stream()
        .filter(instance -> there.add(instance.namespace() + "/" + instance.name()))
        .forEach(all::add);
    return all;
  }

  /** Replicas, Pods and WorkloadEntries. */
  public List<WorkloadInstance> instances() {
    return backends.all().stream().map(Backend::instance).toList();
  }
}
