package dev.meshctl.model.source.kinds;

import static dev.meshctl.model.source.kinds.Shared.MAX_PORT;

import dev.meshctl.model.resource.Deployment;
import dev.meshctl.model.resource.Deployment.EnvironmentVariable;
import dev.meshctl.model.resource.Deployment.Probe;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.PortRef;
import dev.meshctl.model.source.yaml.YamlObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code apps/v1/Deployment}. Pod fields that mean nothing to a mesh are passed over. */
final class DeploymentParser {
  private static final Deployment.PodTemplate NO_PODS =
      new Deployment.PodTemplate(Map.of(), Map.of(), "default", List.of());

  private DeploymentParser() {}

  static Deployment parse(Metadata metadata, YamlObject root) {
    Optional<YamlObject> spec = root.requiredObject("spec").map(YamlObject::lenient);
    return new Deployment(
        metadata,
        spec.flatMap(s -> s.number("replicas", 0, Integer.MAX_VALUE)).orElse(1),
        spec.map(DeploymentParser::selector).orElse(Map.of()),
        spec.flatMap(s -> s.requiredObject("template"))
            .map(DeploymentParser::template)
            .orElse(NO_PODS));
  }

  private static Map<String, String> selector(YamlObject spec) {
    if (!spec.has("selector")) {
      spec.missing("selector");
    }
    return Shared.matchLabels(spec, "selector");
  }

  private static Deployment.PodTemplate template(YamlObject template) {
    Optional<YamlObject> metadata = template.object("metadata").map(YamlObject::lenient);
    Optional<YamlObject> spec = template.requiredObject("spec").map(YamlObject::lenient);
    return new Deployment.PodTemplate(
        metadata.map(m -> m.textMap("labels")).orElse(Map.of()),
        metadata.map(m -> m.textMap("annotations")).orElse(Map.of()),
        spec.flatMap(s -> s.text("serviceAccountName").or(() -> s.text("serviceAccount")))
            .orElse("default"),
        spec.map(DeploymentParser::containers).orElse(List.of()));
  }

  private static List<Deployment.Container> containers(YamlObject pod) {
    if (!pod.has("containers")) {
      pod.missing("containers");
    }
    return pod.objects("containers").stream().map(DeploymentParser::container).toList();
  }

  private static Deployment.Container container(YamlObject container) {
    container.lenient().notApplied("envFrom");
    String name = container.requiredText("name");
    Names.checkLabel(container, "name", name);
    return new Deployment.Container(
        name,
        container.text("image").orElse(""),
        container.texts("command"),
        container.texts("args"),
        environment(container),
        container.objects("ports").stream().map(DeploymentParser::containerPort).toList(),
        container.object("readinessProbe").flatMap(DeploymentParser::probe));
  }

  private static Deployment.ContainerPort containerPort(YamlObject port) {
    port.lenient();
    return new Deployment.ContainerPort(
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
