package dev.meshctl.injector.mutation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The command sees what makes pods, the webhook the pods: both come to the same pod. */
class TemplateAndPodTest {
  private static final String TEMPLATE =
      """
      metadata:
        labels: {app: web, version: v2}
        annotations: {traffic.sidecar.istio.io/excludeOutboundPorts: "5432"}
      spec:
        restartPolicy: %s
        terminationGracePeriodSeconds: 4
        initContainers:
        - {name: migrate, image: m}
        containers:
        - name: web
          image: w
          ports: [{name: http, containerPort: 8080}]
          readinessProbe: {httpGet: {path: /ready, port: http}}
      """;

  @ParameterizedTest
  @CsvSource({
    "apps/v1,    Deployment,            ReplicaSet,            web-7f9c, pod-template-hash, 7f9c",
    "apps/v1,    StatefulSet,           StatefulSet,           web,      apps.kubernetes.io/pod-index, 0",
    "apps/v1,    DaemonSet,             DaemonSet,             web,      controller-revision-hash, 55d",
    "apps/v1,    ReplicaSet,            ReplicaSet,            web,      app, web",
    "v1,         ReplicationController, ReplicationController, web,      app, web",
    "batch/v1,   Job,                   Job,                   web,      batch.kubernetes.io/job-name, web",
    "batch/v1,   CronJob,               Job,                   web-29384756, job-name, web-29384756"
  })
  void a_pod_gets_what_its_template_gets(
      String version, String kind, String makerKind, String maker, String label, String value) {
    String restart = version.equals("batch/v1") ? "Never" : "Always";
    ObjectNode template = object(TEMPLATE.formatted(restart));
    ObjectNode workload =
        Trees.object(
            "apiVersion",
            version,
            "kind",
            kind,
            "metadata",
            Trees.object("name", "web", "namespace", "shop"));
    ObjectNode spec = workload.putObject("spec");
    (kind.equals("CronJob") ? spec.putObject("jobTemplate").putObject("spec") : spec)
        .set("template", template.deepCopy());

    ObjectNode pod = template.deepCopy();
    pod.put("apiVersion", "v1").put("kind", "Pod");
    ObjectNode metadata = (ObjectNode) pod.path("metadata");
    metadata.put("generateName", maker + "-");
    ((ObjectNode) metadata.path("labels")).put(label, value);
    metadata.set(
        "ownerReferences",
        Trees.list(Trees.object("kind", makerKind, "name", maker, "controller", true)));

    JsonNode ofWorkload = injected(workload).path("spec");
    JsonNode ofTemplate =
        (kind.equals("CronJob") ? ofWorkload.path("jobTemplate").path("spec") : ofWorkload)
            .path("template");
    ObjectNode ofPod = injected(pod);

    assertThat(ofPod.path("spec")).isEqualTo(ofTemplate.path("spec"));
    assertThat(ofPod.path("metadata").path("annotations"))
        .isEqualTo(ofTemplate.path("metadata").path("annotations"));
    assertThat(ofPod.toString()).contains("\\\"workload\\\":\\\"web\\\"", "\\\"drainSeconds\\\":3");
  }

  private static ObjectNode injected(ObjectNode object) {
    NamespaceLabels shop = NamespaceLabels.asking("shop", TestPods.SETTINGS);
    return switch (Injector.inject(object, shop, TestPods.SETTINGS)) {
      case Injection.Injected(ObjectNode after, var warnings) -> after;
      case Injection.Skipped skipped -> throw new AssertionError(skipped);
      case Injection.Refused refused -> throw new AssertionError(refused);
    };
  }

  private static ObjectNode object(String yaml) {
    return (ObjectNode) TestPods.documents(yaml).getFirst();
  }
}
