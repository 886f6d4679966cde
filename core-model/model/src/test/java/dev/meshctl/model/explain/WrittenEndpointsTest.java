package dev.meshctl.model.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.meshctl.model.explain.Explanation.Candidate;
import dev.meshctl.model.explain.Explanation.Outcome;
import dev.meshctl.model.testkit.MeshText;
import dev.meshctl.model.testkit.TranslationScenario;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.translation.MeshTranslation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Candidates are those that slices, Pods and entries of the folder tell of. */
class WrittenEndpointsTest {
  private static final String CLIENT =
      MeshText.pod(
              "shop",
              "page-0",
              "app: page, security.istio.io/tlsMode: istio",
              "node-1",
              "10.1.0.1",
              80,
              true,
              false)
          + "---\n";

  @TempDir Path folder;

  private Explanation ask(String yaml, String to) throws IOException {
    Files.writeString(folder.resolve("mesh.yaml"), CLIENT + yaml);
    return RequestExplainer.of(TranslationScenario.mesh(folder), Optional.empty())
        .explain(new Question("page-0", to, "GET", "/", Map.of()));
  }

  @Test
  void slices_say_who_is_in_and_why_others_are_out() throws IOException {
    Explanation explanation =
        ask(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: web, namespace: shop}
            spec: {ports: [{name: http, port: 80}]}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
            addressType: IPv4
            ports: [{name: http, port: 8080}]
            endpoints:
            - {addresses: [10.1.0.2], targetRef: {kind: Pod, name: web-0}}
            - {addresses: [10.1.0.3], conditions: {ready: false}}
            - {addresses: [10.1.0.4], conditions: {ready: false, serving: true, terminating: true}}
            """,
            "web:80");

    assertThat(explanation.outcome()).isEqualTo(Outcome.ROUTED);
    assertThat(explanation.endpoints())
        .containsExactly(
            new Candidate("10.1.0.2", "10.1.0.2:8080", "", 0, true, ""),
            new Candidate("10.1.0.3", "10.1.0.3", "", 0, false, "not ready"),
            new Candidate("10.1.0.4", "10.1.0.4", "", 0, false, "it ends, and others are ready"));
  }

  @Test
  void nobody_on_another_node_is_asked_where_the_policy_is_local() throws IOException {
    Explanation explanation =
        ask(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: web, namespace: shop}
            spec: {internalTrafficPolicy: Local, selector: {app: web}, ports: [{name: http, port: 80}]}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: web-0, namespace: shop, labels: {app: web}}
            spec: {nodeName: node-2, containers: [{name: web, image: a}]}
            status: {podIP: 10.1.0.2, conditions: [{type: Ready, status: "True"}]}
            """,
            "web:80");

    assertThat(explanation.outcome()).isEqualTo(Outcome.REJECTED);
    assertThat(explanation.endpoints())
        .extracting(Candidate::name, Candidate::reason)
        .containsExactly(
            tuple("web-0", "not on the client's node, and internalTrafficPolicy is Local"));
  }

  @Test
  void machines_and_pods_stand_side_by_side() throws IOException {
    Explanation explanation =
        ask(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: web, namespace: shop}
            spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: web-0, namespace: shop, labels: {app: web}}
            spec: {containers: [{name: web, image: a}]}
            status: {podIP: 10.1.0.2, conditions: [{type: Ready, status: "True"}]}
            ---
            apiVersion: networking.istio.io/v1
            kind: WorkloadEntry
            metadata: {name: machine, namespace: shop}
            spec: {address: 198.51.100.1, labels: {app: web}, ports: {http: 8080}}
            """,
            "web:80");

    assertThat(explanation.endpoints())
        .extracting(Candidate::name, Candidate::address, Candidate::in)
        .containsExactly(
            tuple("web-0", "10.1.0.2:80", true), tuple("machine", "198.51.100.1:8080", true));
  }

  @Test
  void what_is_explained_is_what_the_proxy_is_told() throws IOException {
    Explanation explanation =
        ask(
            """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: web, namespace: shop}
            spec:
              hosts: [web.example.com]
              resolution: STATIC
              location: MESH_INTERNAL
              ports: [{number: 80, name: http, protocol: HTTP}]
              workloadSelector: {labels: {app: web}}
            ---
            apiVersion: networking.istio.io/v1
            kind: WorkloadEntry
            metadata: {name: machine, namespace: shop}
            spec: {address: 198.51.100.1, labels: {app: web}}
            ---
            apiVersion: networking.istio.io/v1
            kind: WorkloadEntry
            metadata: {name: unwell, namespace: shop}
            spec: {address: 198.51.100.2, labels: {app: web}}
            status: {conditions: [{type: Healthy, status: "False"}]}
            """,
            "web.example.com:80");
    LoadAssignment told =
        (LoadAssignment)
            MeshTranslation.of(TranslationScenario.mesh(folder), MeshInventory.EMPTY)
                .snapshotFor(Scene.sidecar(client()))
                .of(ResourceType.ENDPOINTS)
                .get("outbound|80||web.example.com");

    assertThat(told).isNotNull();
    assertThat(explanation.endpoints().stream().filter(Candidate::in).map(Candidate::address))
        .containsExactlyElementsOf(
            told.localities().stream()
                .flatMap(locality -> locality.endpoints().stream())
                .map(endpoint -> endpoint.address().toString())
                .toList())
        .containsExactly("198.51.100.1:80");
    assertThat(explanation.endpoints())
        .filteredOn(candidate -> !candidate.in())
        .extracting(Candidate::name, Candidate::reason)
        .containsExactly(tuple("unwell", "not ready"));
  }

  private WorkloadInstance client() {
    return Scene.of(TranslationScenario.mesh(folder), Optional.of(MeshInventory.EMPTY))
        .instances()
        .getFirst();
  }

  @Test
  void a_folder_with_pods_guesses_no_replicas() throws IOException {
    Explanation explanation =
        ask(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: page, namespace: shop}
            spec:
              replicas: 5
              selector: {matchLabels: {app: page}}
              template: {metadata: {labels: {app: page}}, spec: {containers: [{name: page, image: a}]}}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: page, namespace: shop}
            spec: {selector: {app: page}, ports: [{name: http, port: 80}]}
            """,
            "page:80");

    assertThat(explanation.endpoints()).extracting(Candidate::name).isEqualTo(List.of("page-0"));
    assertThat(explanation.steps()).noneMatch(step -> step.layer().equals("mesh"));
  }

  @Test
  void slices_of_a_folder_without_pods_tell_more_than_what_is_asked_for() throws IOException {
    String yaml =
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec:
          replicas: 3
          selector: {matchLabels: {app: web}}
          template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: a}]}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
        addressType: IPv4
        ports: [{name: http, port: 8080}]
        endpoints: [{addresses: [10.1.0.2]}]
        """;
    assertThat(ask(yaml, "web:80").endpoints())
        .extracting(Candidate::address)
        .containsExactly("10.1.0.2:8080");

    // Its replicas may ask all the same.
    Explanation fromWeb =
        RequestExplainer.of(TranslationScenario.mesh(folder), Optional.empty())
            .explain(new Question("web", "web:80", "GET", "/", Map.of()));
    assertThat(fromWeb.outcome()).isEqualTo(Outcome.ROUTED);
  }

  @Test
  void machines_may_have_names_and_addresses_of_version_6() throws IOException {
    Explanation explanation =
        ask(
            """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: web, namespace: shop}
            spec:
              hosts: [web.example.com]
              resolution: DNS
              location: MESH_INTERNAL
              ports: [{number: 80, name: http, protocol: HTTP}]
              workloadSelector: {labels: {app: web}}
            ---
            apiVersion: networking.istio.io/v1
            kind: WorkloadEntry
            metadata: {name: machine, namespace: shop}
            spec: {address: machine.example.com, labels: {app: web}, serviceAccount: web}
            ---
            apiVersion: networking.istio.io/v1
            kind: WorkloadEntry
            metadata: {name: six, namespace: shop}
            spec: {address: "fd00::6", labels: {app: web}, serviceAccount: web}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: web, namespace: shop}
            """,
            "web.example.com:80");

    assertThat(explanation.outcome()).isEqualTo(Outcome.ROUTED);
    assertThat(explanation.endpoints())
        .extracting(Candidate::name, Candidate::address)
        .containsExactly(tuple("machine", "machine.example.com:80"), tuple("six", "[fd00::6]:80"));
  }
}
