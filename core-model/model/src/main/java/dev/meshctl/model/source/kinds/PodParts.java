package dev.meshctl.model.source.kinds;

import static dev.meshctl.model.source.kinds.Shared.MAX_PORT;

import dev.meshctl.model.resource.Owner;
import dev.meshctl.model.resource.PodTemplate;
import dev.meshctl.model.resource.PodTemplate.EnvironmentVariable;
import dev.meshctl.model.resource.PodTemplate.Probe;
import dev.meshctl.model.resource.PortRef;
import dev.meshctl.model.source.yaml.YamlObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What pods and templates of pods have in common. Fields that mean nothing to a mesh are passed
 * over.
 */
final class PodParts {
  static final PodTemplate NO_PODS = new PodTemplate(Map.of(), Map.of(), "default", List.of());

  private PodParts() {}

  /** Who made the object; empty where nobody did. */
  static Optional<Owner> owner(YamlObject root) {
    return root.object("metadata").map(YamlObject::lenient).stream()
        .flatMap(metadata -> metadata.objects("ownerReferences").stream())
        .filter(owner -> owner.lenient().flag("controller").orElse(false))
        .map(owner -> new Owner(owner.requiredText("kind"), owner.requiredText("name")))
        .findFirst();
  }

  /**
   * @param started a mesh on one machine may start it, so that its environment and probes matter
   */
  static PodTemplate template(YamlObject template, boolean started) {
    Optional<YamlObject> metadata = template.object("metadata").map(YamlObject::lenient);
    Optional<YamlObject> spec = template.requiredObject("spec").map(YamlObject::lenient);
    return new PodTemplate(
        metadata.map(m -> m.textMap("labels")).orElse(Map.of()),
        metadata.map(m -> m.textMap("annotations")).orElse(Map.of()),
        spec.map(PodParts::serviceAccount).orElse("default"),
        spec.map(s -> containers(s, started)).orElse(List.of()));
  }

  static String serviceAccount(YamlObject pod) {
    return pod.text("serviceAccountName").or(() -> pod.text("serviceAccount")).orElse("default");
  }

  /** Those that run as long as the pod does. */
  static List<PodTemplate.Container> containers(YamlObject pod, boolean started) {
    if (!pod.has("containers")) {
      pod.missing("containers");
    }
    List<PodTemplate.Container> containers = new ArrayList<>();
    for (YamlObject container : pod.objects("initContainers")) {
      if (container.lenient().text("restartPolicy").orElse("").equals("Always")) {
        containers.add(container(container, started));
      }
    }
    pod.objects("containers").forEach(container -> containers.add(container(container, started)));
    return containers;
  }

  private static PodTemplate.Container container(YamlObject container, boolean started) {
    container.lenient();
    String name = container.requiredText("name");
    Names.checkLabel(container, "name", name);
    String image = container.text("image").orElse("");
    List<PodTemplate.ContainerPort> ports =
        container.objects("ports").stream().map(PodParts::containerPort).toList();
    if (!started) {
      return new PodTemplate.Container(
          name, image, List.of(), List.of(), List.of(), ports, Optional.empty());
    }
    container.notApplied("envFrom");
    return new PodTemplate.Container(
        name,
        image,
        container.texts("command"),
        container.texts("args"),
        environment(container),
        ports,
        container.object("readinessProbe").flatMap(PodParts::probe));
  }

  private static PodTemplate.ContainerPort containerPort(YamlObject port) {
    port.lenient();
    return new PodTemplate.ContainerPort(
        port.text("name").orElse(""), port.requiredNumber("containerPort", 1, MAX_PORT));
  }

  private static List<EnvironmentVariable> environment(YamlObject container) {
    List<EnvironmentVariable> variables = new ArrayList<>();
    for (YamlObject variable : container.objects("env")) {
      String name = variable.requiredText("name");
      Optional<YamlObject> from = variable.object("valueFrom");
      String literal = variable.text("value").orElse("");
      if (from.isEmpty()) {
        variables.add(new EnvironmentVariable.Literal(name, literal));
      } else {
        podField(from.get())
            .ifPresent(path -> variables.add(new EnvironmentVariable.PodField(name, path)));
      }
    }
    return variables;
  }

  private static Optional<String> podField(YamlObject from) {
    from.notApplied("secretKeyRef", "configMapKeyRef", "resourceFieldRef", "fileKeyRef");
    return from.object("fieldRef")
        .map(field -> field.ignore("apiVersion").requiredText("fieldPath"));
  }

  private static Optional<Probe> probe(YamlObject probe) {
    probe.lenient().notApplied("exec");
    Optional<Probe> http =
        probe
            .object("httpGet")
            .map(YamlObject::lenient)
            .flatMap(get ->
                port(get).map(port -> new Probe.HttpGet(get.text("path").orElse("/"), port)));
    Optional<Probe> tcp =
        probe
            .object("tcpSocket")
            .map(YamlObject::lenient)
            .flatMap(socket -> port(socket).map(Probe.TcpSocket::new));
    Optional<Probe> grpc =
        probe
            .object("grpc")
            .map(YamlObject::lenient)
            .flatMap(call -> port(call).map(Probe.Grpc::new));
    return http.or(() -> tcp).or(() -> grpc);
  }

  private static Optional<PortRef> port(YamlObject from) {
    if (!from.has("port")) {
      from.missing("port");
    }
    return KubernetesParser.portRef(from, "port");
  }
}
