package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.PortRef;
import dev.meshctl.model.resource.ServiceEntry;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A host that traffic can be sent to, whoever declared it: a Kubernetes Service or one host of a
 * ServiceEntry.
 *
 * @param hostname full, lower case; a wildcard only from a ServiceEntry
 * @param namespace of the declaring resource
 * @param name of the declaring resource
 * @param exportTo namespaces that see it, with {@code *}, {@code .} and {@code ~} (nobody)
 * @param addresses virtual ones that its author or its cluster gave it
 */
public record MeshService(
    String hostname,
    String namespace,
    String name,
    List<Port> ports,
    Backing backing,
    List<String> exportTo,
    List<String> addresses) {
  public MeshService {
    ports = List.copyOf(ports);
    exportTo = List.copyOf(exportTo);
    addresses = List.copyOf(addresses);
  }

  /** One that every namespace sees, without addresses of its own. */
  public MeshService(
      String hostname, String namespace, String name, List<Port> ports, Backing backing) {
    this(hostname, namespace, name, ports, backing, Visibility.EVERYONE, List.of());
  }

  /** The same with some of its ports. */
  MeshService withPorts(List<Port> some) {
    return some.size() == ports.size()
        ? this
        : new MeshService(hostname, namespace, name, some, backing, exportTo, addresses);
  }

  /** Whom it takes by their labels; empty where it takes nobody by these. */
  public Optional<Backing.Workloads> selector() {
    return switch (backing) {
      case Backing.Workloads workloads -> Optional.of(workloads);
      case Backing.Alias _ -> Optional.empty();
      case Backing.External(var entry) ->
          entry.workloadSelector().map(labels -> new Backing.Workloads(labels, false));
    };
  }

  /** It takes those who have these labels, in its namespace. */
  public boolean selects(Map<String, String> labels) {
    return selector().filter(selector -> selector.selects(labels)).isPresent();
  }

  /** The port with a number. */
  public Optional<Port> port(int number) {
    return ports.stream().filter(port -> port.number() == number).findFirst();
  }

  /** One port. {@code target} is where workloads listen; {@code name} may be empty. */
  public record Port(String name, int number, PortRef target, AppProtocol protocol) {}

  /** Who answers. */
  public sealed interface Backing {
    /** Pods with these labels; an empty selector selects none. */
    record Workloads(Map<String, String> selector, boolean headless) implements Backing {
      public Workloads {
        selector = Map.copyOf(selector);
      }

      /** True where every label asked for is there. */
      public boolean selects(Map<String, String> labels) {
        for (Map.Entry<String, String> wanted : selector.entrySet()) {
          if (!wanted.getValue().equals(labels.get(wanted.getKey()))) {
            return false;
          }
        }
        return !selector.isEmpty();
      }
    }

    /** Another name (ExternalName): of a Service in the mesh, or of a host outside. */
    record Alias(String externalName) implements Backing {}

    /** What a ServiceEntry says. */
    record External(ServiceEntry entry) implements Backing {}
  }
}
