package dev.meshctl.injector.mutation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.source.tree.JsonPatch;
import dev.meshctl.model.source.yaml.YamlTree;
import dev.meshctl.model.testkit.AppliedPatch;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What holds of any pod. */
class InjectionPropertyTest {
  private static final NamespaceLabels SHOP = NamespaceLabels.asking("shop", TestPods.SETTINGS);
  private static final List<String> PROBES =
      List.of("livenessProbe", "readinessProbe", "startupProbe");

  @Property(tries = 300)
  void injecting_twice_is_injecting_once(@ForAll("pods") ObjectNode pod) {
    ObjectNode before = pod.deepCopy();
    ObjectNode once = injected(pod);

    assertThat(pod).as("the pod that was given").isEqualTo(before);
    assertThat(Injector.inject(once, SHOP, TestPods.SETTINGS))
        .isInstanceOfSatisfying(
            Injection.Skipped.class,
            skipped -> assertThat(skipped.reason()).isEqualTo(Injection.Reason.ALREADY_INJECTED));
  }

  @Property(tries = 300)
  void patch_and_printed_text_come_to_the_same(@ForAll("pods") ObjectNode pod) {
    ObjectNode injected = injected(pod);

    assertThat(AppliedPatch.to(pod, JsonPatch.between(pod, injected)).toString())
        .isEqualTo(injected.toString());
    String text = YamlTree.block(pod, 0, "\n") + "\n";
    String printed = InjectedText.of("pod", text, "shop", TestPods.SETTINGS).text();
    assertThat(TestPods.documents(printed)).containsExactly(injected);
  }

  @Property(tries = 300)
  void a_pod_loses_nothing_but_how_it_is_probed(@ForAll("pods") ObjectNode pod) {
    JsonNode spec = injected(pod).path("spec");

    for (String list : List.of("containers", "initContainers", "volumes")) {
      List<JsonNode> after = spec.path(list).valueStream().toList();
      List<JsonNode> kept =
          after.stream().filter(entry -> !isOurs(entry)).map(InjectionPropertyTest::bare).toList();
      List<JsonNode> before =
          pod.path("spec").path(list).valueStream().map(InjectionPropertyTest::bare).toList();
      assertThat(kept).as(list).isEqualTo(before);
    }
    assertThat(spec.path("initContainers").path(0).path("name").asString()).isEqualTo("istio-init");
    assertThat(spec.path("initContainers").path(1).path("name").asString())
        .isEqualTo("istio-proxy");
  }

  private static boolean isOurs(JsonNode entry) {
    String name = entry.path("name").asString();
    return name.startsWith("istio-") || name.startsWith("meshctl-");
  }

  private static JsonNode bare(JsonNode container) {
    return ((ObjectNode) container.deepCopy()).remove(PROBES);
  }

  private static ObjectNode injected(ObjectNode pod) {
    return switch (Injector.inject(pod, SHOP, TestPods.SETTINGS)) {
      case Injection.Injected(ObjectNode after, var warnings) -> after;
      case Injection.Skipped skipped -> throw new AssertionError(skipped);
      case Injection.Refused refused -> throw new AssertionError(refused);
    };
  }

  @Provide
  Arbitrary<ObjectNode> pods() {
    Arbitrary<Map<String, String>> labels =
        Arbitraries.maps(
            Arbitraries.of("app", "version", "app.kubernetes.io/name"), Arbitraries.of("a", "b"));
    Arbitrary<Map<String, String>> annotations =
        Arbitraries.maps(
                Arbitraries.of(
                    "traffic.sidecar.istio.io/excludeInboundPorts",
                    "traffic.sidecar.istio.io/includeOutboundPorts",
                    "status.sidecar.istio.io/port",
                    "other/a: b"),
                Arbitraries.of("80", "8080"))
            .ofMaxSize(3);
    return Combinators.combine(
            labels, annotations, containers(1), containers(0), Arbitraries.integers().between(0, 2))
        .as((label, annotation, containers, init, volumes) -> {
          ObjectNode pod = Trees.object("apiVersion", "v1", "kind", "Pod");
          ObjectNode metadata = pod.putObject("metadata").put("name", "p");
          if (!label.isEmpty()) {
            label.forEach(metadata.putObject("labels")::put);
          }
          if (!annotation.isEmpty()) {
            annotation.forEach(metadata.putObject("annotations")::put);
          }
          ObjectNode spec = pod.putObject("spec");
          if (!init.isEmpty()) {
            spec.set("initContainers", init);
          }
          spec.set("containers", containers);
          for (int i = 0; i < volumes; i++) {
            Trees.entries(spec, "volumes").add(Trees.object("name", "v" + i));
          }
          return pod;
        });
  }

  private static Arbitrary<ArrayNode> containers(int least) {
    Arbitrary<JsonNode> port =
        Arbitraries.of(Trees.list(80, "http", "none").valueStream().toList());
    Arbitrary<ObjectNode> action =
        Combinators.combine(Arbitraries.of("httpGet", "tcpSocket", "grpc", "exec"), port)
            .as((kind, at) -> Trees.object(kind, Trees.object("port", at), "periodSeconds", 2));
    return Arbitraries.maps(Arbitraries.of(PROBES), action)
        .map(probes -> {
          ObjectNode container = Trees.object("image", "i");
          container.set("ports", Trees.list(Trees.object("name", "http", "containerPort", 80)));
          probes.forEach((field, probe) -> container.set(field, probe.deepCopy()));
          return container;
        })
        .list()
        .ofMinSize(least)
        .ofMaxSize(3)
        .map(list -> {
          ArrayNode containers = Trees.list();
          for (int i = 0; i < list.size(); i++) {
            containers.add(Trees.object("name", "c" + i).setAll(list.get(i)));
          }
          return containers;
        });
  }
}
