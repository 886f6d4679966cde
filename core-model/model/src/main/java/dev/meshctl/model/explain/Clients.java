package dev.meshctl.model.explain;

import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.validation.Suggestion;
import dev.meshctl.model.xds.WorkloadInstance;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Finds the workload that a question comes from. */
public final class Clients {
  private final Scene scene;

  public Clients(Scene scene) {
    this.scene = scene;
  }

  /**
   * A replica of the workload, Service or service account of that name, in this order.
   *
   * @param name may begin with {@code NAMESPACE/}; without it the name must be of one namespace
   * @throws UnknownSubject where there is none, or where several namespaces have one
   */
  public WorkloadInstance find(String name) {
    int slash = name.indexOf('/');
    String namespace = slash < 0 ? "" : name.substring(0, slash);
    String bare = name.substring(slash + 1);
    List<Predicate<WorkloadInstance>> ways =
        List.of(
            instance -> instance.workload().equals(bare) || instance.name().equals(bare),
            instance -> isOfService(instance, bare),
            instance -> instance.serviceAccount().equals(bare));
    for (Predicate<WorkloadInstance> way : ways) {
      List<WorkloadInstance> found =
          scene.clients().stream()
              .filter(instance -> namespace.isEmpty() || instance.namespace().equals(namespace))
              .filter(way)
              .toList();
      Set<String> namespaces =
          found.stream()
              .map(WorkloadInstance::namespace)
              .collect(Collectors.toCollection(TreeSet::new));
      if (namespaces.size() > 1) {
        throw UnknownSubject.ambiguous(
            bare + " is in several namespaces: " + String.join(", ", namespaces),
            "name one: " + namespaces.iterator().next() + "/" + bare);
      }
      if (!found.isEmpty()) {
        return found.getFirst();
      }
    }
    Set<String> workloads =
        scene.clients().stream()
            .map(instance -> instance.namespace() + "/" + instance.workload())
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> names = new TreeSet<>(workloads);
    workloads.forEach(workload -> names.add(workload.substring(workload.indexOf('/') + 1)));
    throw new UnknownSubject(
        "no workload, Service or service account "
            + name
            + " has a replica (workloads: "
            + Suggestion.list(workloads)
            + ")",
        Suggestion.fix(name, names, "name one of them"));
  }

  /** Somebody has that name, whoever of several. */
  public boolean has(String name) {
    try {
      find(name);
      return true;
    } catch (UnknownSubject unknown) {
      return unknown.isAmbiguous();
    }
  }

  private boolean isOfService(WorkloadInstance instance, String name) {
    return scene
        .services()
        .service(instance.namespace(), name)
        .filter(service -> selects(service, instance))
        .isPresent();
  }

  static boolean selects(MeshService service, WorkloadInstance instance) {
    return service.namespace().equals(instance.namespace()) && service.selects(instance.labels());
  }
}
