package dev.meshctl.model.resource;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code spec.template} of what makes pods, as far as the mesh needs it. An absent service account
 * is {@code default}.
 *
 * @param containers those that run as long as the pod does: {@code containers}, and {@code
 *     initContainers} that restart always (native sidecars)
 */
public record PodTemplate(
    Map<String, String> labels,
    Map<String, String> annotations,
    String serviceAccount,
    List<Container> containers) {
  public PodTemplate {
    labels = InOrder.copyOf(labels);
    annotations = InOrder.copyOf(annotations);
    containers = List.copyOf(containers);
  }

  /** Where containers listen, by the name of the port; the first of a name counts. */
  public static Map<String, Integer> namedPorts(List<Container> containers) {
    Map<String, Integer> ports = new java.util.LinkedHashMap<>();
    for (Container container : containers) {
      for (ContainerPort port : container.ports()) {
        if (!port.name().isEmpty()) {
          ports.putIfAbsent(port.name(), port.port());
        }
      }
    }
    return ports;
  }

  /** {@code spec.containers[]}. */
  public record Container(
      String name,
      String image,
      List<String> command,
      List<String> args,
      List<EnvironmentVariable> environment,
      List<ContainerPort> ports,
      Optional<Probe> readinessProbe) {
    public Container {
      command = List.copyOf(command);
      args = List.copyOf(args);
      environment = List.copyOf(environment);
      ports = List.copyOf(ports);
    }
  }

  /** {@code env[]}: a literal value or a field of the pod (downward API). */
  public sealed interface EnvironmentVariable {
    String name();

    /** {@code value}, with {@code $(NAME)} not yet expanded. */
    record Literal(String name, String value) implements EnvironmentVariable {}

    /** {@code valueFrom.fieldRef.fieldPath}, for example {@code status.podIP}. */
    record PodField(String name, String fieldPath) implements EnvironmentVariable {}
  }

  /** {@code ports[]}; the name may be empty. */
  public record ContainerPort(String name, int port) {}

  /** {@code readinessProbe}: how to tell that the container serves. */
  public sealed interface Probe {
    PortRef port();

    record HttpGet(String path, PortRef port) implements Probe {}

    record TcpSocket(PortRef port) implements Probe {}

    record Grpc(PortRef port) implements Probe {}
  }
}
