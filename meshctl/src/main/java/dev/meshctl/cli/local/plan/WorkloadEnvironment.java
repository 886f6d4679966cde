package dev.meshctl.cli.local.plan;

import dev.meshctl.model.resource.PodTemplate;
import dev.meshctl.model.resource.PodTemplate.EnvironmentVariable;
import dev.meshctl.model.resource.Service;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The environment and the command line of a container, as a kubelet makes them. */
public final class WorkloadEnvironment {
  private WorkloadEnvironment() {}

  /**
   * What the downward API can tell.
   *
   * @param name of the replica, {@code metadata.name}
   * @param address {@code status.podIP}
   * @param node {@code spec.nodeName}
   */
  public record PodFacts(
      String name,
      String namespace,
      String address,
      String serviceAccount,
      String node,
      Map<String, String> labels,
      Map<String, String> annotations) {
    public PodFacts {
      labels = Map.copyOf(labels);
      annotations = Map.copyOf(annotations);
    }

    /** The value of a {@code fieldPath}; empty where it names nothing that a local pod has. */
    public Optional<String> field(String path) {
      return switch (path) {
        case "metadata.name", "metadata.uid" -> Optional.of(name);
        case "metadata.namespace" -> Optional.of(namespace);
        case "status.podIP", "status.podIPs" -> Optional.of(address);
        case "status.hostIP", "status.hostIPs" -> Optional.of("127.0.0.1");
        case "spec.serviceAccountName" -> Optional.of(serviceAccount);
        case "spec.nodeName" -> Optional.of(node);
        default ->
            subscript(path, "metadata.labels", labels)
                .or(() -> subscript(path, "metadata.annotations", annotations));
      };
    }

    /** {@code metadata.labels['app']}: an absent key is the empty string, as on Kubernetes. */
    private static Optional<String> subscript(String path, String map, Map<String, String> values) {
      if (!path.startsWith(map + "['") || !path.endsWith("']")) {
        return Optional.empty();
      }
      String key = path.substring(map.length() + 2, path.length() - 2);
      return Optional.of(values.getOrDefault(key, ""));
    }
  }

  /**
   * The variables of a Service: {@code REVIEWS_SERVICE_HOST}, {@code REVIEWS_SERVICE_PORT} and, for
   * named ports, {@code REVIEWS_SERVICE_PORT_HTTP}. Nothing for a Service without an address.
   */
  public static Map<String, String> ofService(Service service, String address) {
    if (service.headless()
        || service.type() == Service.Type.EXTERNAL_NAME
        || service.ports().isEmpty()) {
      return Map.of();
    }
    String prefix = variable(service.metadata().name());
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put(prefix + "_SERVICE_HOST", address);
    variables.put(prefix + "_SERVICE_PORT", Integer.toString(service.ports().getFirst().port()));
    for (Service.Port port : service.ports()) {
      if (!port.name().isEmpty()) {
        variables.put(
            prefix + "_SERVICE_PORT_" + variable(port.name()), Integer.toString(port.port()));
      }
    }
    return variables;
  }

  /**
   * A container's own variables over {@code inherited} ones, with {@code $(NAME)} expanded to
   * variables defined before.
   *
   * @throws IllegalArgumentException where a {@code fieldPath} names nothing; the message says
   *     which
   */
  public static Map<String, String> of(
      PodTemplate.Container container, PodFacts pod, Map<String, String> inherited) {
    Map<String, String> all = new LinkedHashMap<>(inherited);
    for (EnvironmentVariable variable : container.environment()) {
      String value =
          switch (variable) {
            case EnvironmentVariable.Literal(String name, String text) -> expand(text, all);
            case EnvironmentVariable.PodField(String name, String path) ->
                pod.field(path)
                    .orElseThrow(() ->
                        new IllegalArgumentException(
                            "container "
                                + container.name()
                                + ", env "
                                + name
                                + ": fieldPath "
                                + path
                                + " (expected: metadata.name, metadata.namespace,"
                                + " metadata.labels['KEY'], metadata.annotations['KEY'],"
                                + " status.podIP, status.hostIP, spec.serviceAccountName or"
                                + " spec.nodeName)"));
          };
      all.put(variable.name(), value);
    }
    return all;
  }

  /** {@code command} and {@code args} with {@code $(NAME)} expanded. */
  public static List<String> commandLine(
      PodTemplate.Container container, Map<String, String> environment) {
    return java.util.stream.Stream.concat(container.command().stream(), container.args().stream())
        .map(word -> expand(word, environment))
        .toList();
  }

  /**
   * Kubernetes' expansion (third_party/forked/golang/expansion): {@code $(NAME)} of a known name is
   * its value, of an unknown one stays as written, {@code $$} is one {@code $}, so that {@code
   * $$(NAME)} stays {@code $(NAME)}.
   */
  public static String expand(String text, Map<String, String> variables) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '$' || i + 1 == text.length()) {
        out.append(c);
        continue;
      }
      char next = text.charAt(i + 1);
      int close = next == '(' ? text.indexOf(')', i + 2) : -1;
      if (next == '$') {
        out.append('$');
        i++;
      } else if (close > 0) {
        String name = text.substring(i + 2, close);
        String value = variables.get(name);
        out.append(value == null ? text.substring(i, close + 1) : value);
        i = close;
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  private static String variable(String name) {
    return name.toUpperCase(Locale.ROOT).replace('-', '_');
  }
}
