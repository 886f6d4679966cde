package dev.meshctl.model.testkit;

import dev.meshctl.model.source.ParsedDocuments;
import dev.meshctl.model.source.YamlReader;
import dev.meshctl.model.validation.MeshValidator;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.validation.ValidationResult;

/** Meshes that tests write down as YAML, of trust domain {@code cluster.local}. */
public final class MeshText {
  private static final String TRUST_DOMAIN = "cluster.local";
  private static final String ROOT_NAMESPACE = "istio-system";

  private MeshText() {}

  /** The mesh of a text; fails with its findings where it is invalid. */
  public static ValidatedMesh valid(String yaml) {
    return valid(YamlReader.read("mesh.yaml", yaml));
  }

  /** The mesh of what was read; fails with its findings where it is invalid. */
  public static ValidatedMesh valid(ParsedDocuments read) {
    return switch (judged(read)) {
      case ValidationResult.Valid valid -> valid.mesh();
      case ValidationResult.Invalid invalid ->
          throw new AssertionError(invalid.diagnostics().toString());
    };
  }

  /** What validation says of what was read. */
  public static ValidationResult judged(ParsedDocuments read) {
    return MeshValidator.validate(
        TRUST_DOMAIN, ROOT_NAMESPACE, read.resources(), read.diagnostics());
  }

  /**
   * A document with a Deployment.
   *
   * @param replicas so many
   * @param account its service account
   * @param labels of its pods, in YAML: {@code app: web, version: v1}
   */
  public static String workload(
      String namespace, String name, int replicas, String account, String labels) {
    return """
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: %s, namespace: %s}
    spec:
      replicas: %d
      selector: {matchLabels: {%s}}
      template:
        metadata: {labels: {%s}}
        spec: {serviceAccountName: %s, containers: [{name: a, image: a}]}
    """
        .formatted(name, namespace, replicas, labels, labels, account);
  }

  /** Documents with service accounts. */
  public static String accounts(String namespace, String... names) {
    StringBuilder documents = new StringBuilder();
    for (String name : names) {
      documents.append(
          "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: %s, namespace: %s}\n"
              .formatted(name, namespace));
    }
    return documents.toString();
  }

  /**
   * A document with a Service.
   *
   * @param spec in YAML: {@code selector: {app: web}, ports: [{name: http, port: 80}]}
   */
  public static String service(String namespace, String name, String spec) {
    return "---\napiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: %s}\nspec: {%s}\n"
        .formatted(name, namespace, spec);
  }

  /**
   * A document with the VirtualService of one host, which gives it its name.
   *
   * @param http items of a list
   */
  public static String rules(String namespace, String host, String http) {
    return ("---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n"
                + "metadata: {name: %s, namespace: %s}\nspec:\n  hosts: [%s]\n  http:\n")
            .formatted(host, namespace, host)
        + http.indent(4);
  }

  /**
   * A document with a Pod that runs.
   *
   * @param labels in YAML
   * @param node where it runs
   * @param address of its own
   * @param port by the name {@code http}
   */
  public static String pod(
      String namespace,
      String name,
      String labels,
      String node,
      String address,
      int port,
      boolean ready,
      boolean leaving) {
    return """
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: %s, namespace: %s, labels: {%s}%s}
    spec:
      nodeName: %s
      containers: [{name: a, image: a, ports: [{name: http, containerPort: %d}]}]
    status: {podIP: %s, conditions: [{type: Ready, status: "%s"}]}
    """
        .formatted(
            name,
            namespace,
            labels,
            leaving ? ", deletionTimestamp: \"2026-11-29T00:00:00Z\"" : "",
            node,
            port,
            address,
            ready ? "True" : "False");
  }
}
