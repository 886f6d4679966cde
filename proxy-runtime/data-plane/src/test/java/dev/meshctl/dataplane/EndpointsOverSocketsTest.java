package dev.meshctl.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.dataplane.testing.TestAuthority;
import dev.meshctl.model.testkit.MeshText;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.translation.MeshTranslation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Endpoints as slices, Pods and entries tell of them, over real sockets through a sidecar. */
class EndpointsOverSocketsTest {
  /** Where the sidecar of the client is. */
  private static final String PROXY = "127.64.81.1";

  private static final int HTTP_PROXY = 15080;

  /** The client's address for the Service of number 1. */
  private static final String SERVICE = "127.64.82.1";

  private static final String CLIENT =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: front-0, namespace: default, labels: {app: front}}
      spec: {nodeName: node-1, containers: [{name: front, image: a}]}
      status: {podIP: 127.64.81.2, conditions: [{type: Ready, status: "True"}]}
      ---
      apiVersion: v1
      kind: Node
      metadata: {name: node-1, labels: {topology.kubernetes.io/zone: west-1}}
      ---
      """;

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Backend one = open(new Backend("one"));
  private final Backend other = open(new Backend("other"));
  private final int port = freePort();
  private final DataPlane plane =
      open(
          DataPlane.start(
              Snapshots.settings("front", 1), Optional.of(new TestAuthority().issue("front"))));

  private <T extends AutoCloseable> T open(T resource) {
    opened.addFirst(resource);
    return resource;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    client.close();
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(SERVICE))) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code $ONE}, {@code $OTHER} and {@code $PORT} are ports. */
  private void apply(String yaml) {
    String text =
        (CLIENT + yaml)
            .replace("$PORT", Integer.toString(port))
            .replace("$ONE", Integer.toString(one.address().port()))
            .replace("$OTHER", Integer.toString(other.address().port()));
    ValidatedMesh mesh = MeshText.valid(text);
    ProxyNode node =
        new ProxyNode(
            "sidecar~front-0",
            ProxyNode.Role.SIDECAR,
            "default",
            "front",
            "front-0",
            "default",
            Map.of("app", "front"),
            new ProxyNode.Capture.Explicit(PROXY, "127.64.81.2", "127.64.82."));
    assertThat(
            plane.accept(
                MeshTranslation.of(mesh, new MeshInventory(List.of(), Map.of("default/web", 1), ""))
                    .snapshotFor(node)))
        .isEmpty();
  }

  /** Who answers 24 requests, and with what where it is nobody. */
  private TreeSet<String> answers(URI uri, HttpClient through) throws Exception {
    TreeSet<String> answers = new TreeSet<>();
    for (int i = 0; i < 24; i++) {
      HttpResponse<String> response =
          through.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
      answers.add(
          response.statusCode() == 200 ? response.body() : Integer.toString(response.statusCode()));
    }
    return answers;
  }

  private TreeSet<String> answers() throws Exception {
    return answers(URI.create("http://" + SERVICE + ":" + port + "/"), client);
  }

  private static String slices(String first, String second) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: web, namespace: default}
    spec: {ports: [{name: http, port: $PORT}]}
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: web-1, namespace: default, labels: {kubernetes.io/service-name: web}}
    addressType: IPv4
    ports: [{name: http, port: $ONE}]
    endpoints: [{addresses: [127.0.0.1], FIRST}]
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: web-2, namespace: default, labels: {kubernetes.io/service-name: web}}
    addressType: IPv4
    ports: [{name: http, port: $OTHER}]
    endpoints: [{addresses: [127.0.0.1], SECOND}]
    """
        .replace("FIRST", first)
        .replace("SECOND", second);
  }

  @Test
  void each_slice_has_the_number_of_its_port() throws Exception {
    apply(slices("conditions: {ready: true}", "conditions: {ready: true}"));
    assertThat(answers()).containsExactly("one", "other");
  }

  @Test
  void who_is_not_ready_gets_nothing_and_who_ends_is_the_last_resort() throws Exception {
    apply(slices("conditions: {ready: false}", "conditions: {ready: true}"));
    assertThat(answers()).containsExactly("other");

    String ending = "conditions: {ready: false, serving: true, terminating: true}";
    apply(slices("conditions: {ready: true}", ending));
    assertThat(answers()).containsExactly("one");

    apply(slices("conditions: {ready: false}", ending));
    assertThat(answers()).containsExactly("other");

    apply(slices("conditions: {ready: false}", "conditions: {ready: false}"));
    assertThat(answers()).containsExactly("503");
  }

  @Test
  void hints_send_a_client_to_who_is_meant_for_its_zone() throws Exception {
    apply(slices("hints: {forZones: [{name: west-2}]}", "hints: {forZones: [{name: west-1}]}"));
    assertThat(answers()).containsExactly("other");

    apply(slices("hints: {forZones: [{name: west-1}]}", "zone: west-2"));
    assertThat(answers()).containsExactly("one", "other");
  }

  @Test
  void nobody_else_answers_where_the_policy_is_local() throws Exception {
    String local = "spec: {internalTrafficPolicy: Local, ports";
    apply(slices("nodeName: node-2", "nodeName: node-1").replace("spec: {ports", local));
    assertThat(answers()).containsExactly("other");

    apply(slices("nodeName: node-2", "nodeName: node-3").replace("spec: {ports", local));
    assertThat(answers()).containsExactly("503");
  }

  @Test
  void a_client_sticks_to_one_where_the_service_says_so() throws Exception {
    String sticky = "spec: {sessionAffinity: ClientIP, ports";
    apply(
        slices("conditions: {ready: true}", "conditions: {ready: true}")
            .replace("spec: {ports", sticky));
    assertThat(answers()).hasSize(1);
  }

  @Test
  void connections_of_a_client_stick_to_one_too() throws Exception {
    String loose = slices("conditions: {ready: true}", "conditions: {ready: true}");
    String bytes = loose.replace("name: http", "name: tcp");
    apply(bytes);
    assertThat(connections()).containsExactly("one", "other");

    apply(bytes.replace("spec: {ports", "spec: {sessionAffinity: ClientIP, ports"));
    assertThat(connections()).hasSize(1);
  }

  /** Who answers, on a connection of its own each time. */
  private TreeSet<String> connections() throws Exception {
    TreeSet<String> answers = new TreeSet<>();
    for (int i = 0; i < 24; i++) {
      try (HttpClient fresh =
          HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
        answers.add(
            fresh
                .send(
                    HttpRequest.newBuilder(URI.create("http://" + SERVICE + ":" + port + "/"))
                        .build(),
                    HttpResponse.BodyHandlers.ofString())
                .body());
      }
    }
    return answers;
  }

  @Test
  void pods_and_machines_answer_for_one_service() throws Exception {
    apply(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: default}
        spec: {selector: {app: web}, ports: [{name: http, port: $PORT, targetPort: web}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: web-0, namespace: default, labels: {app: web}}
        spec: {containers: [{name: web, image: a, ports: [{name: web, containerPort: $ONE}]}]}
        status: {podIP: 127.0.0.1, conditions: [{type: Ready, status: "True"}]}
        ---
        apiVersion: networking.istio.io/v1
        kind: WorkloadEntry
        metadata: {name: machine, namespace: default}
        spec: {address: 127.0.0.1, labels: {app: web}, ports: {web: $OTHER}}
        """);
    assertThat(answers()).containsExactly("one", "other");
  }

  @Test
  void a_host_of_a_service_entry_is_answered_by_whom_it_selects() throws Exception {
    apply(
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: stock, namespace: default}
        spec:
          hosts: [stock.example.com]
          resolution: STATIC
          workloadSelector: {labels: {app: stock}}
          ports: [{number: 80, name: http, protocol: HTTP, targetPort: $ONE}]
        ---
        apiVersion: networking.istio.io/v1
        kind: WorkloadEntry
        metadata: {name: stock-1, namespace: default}
        spec: {address: 127.0.0.1, labels: {app: stock}}
        ---
        apiVersion: networking.istio.io/v1
        kind: WorkloadEntry
        metadata: {name: stock-2, namespace: default}
        spec: {address: 127.0.0.1, labels: {app: stock}, ports: {http: $OTHER}}
        ---
        apiVersion: networking.istio.io/v1
        kind: WorkloadEntry
        metadata: {name: not-stock, namespace: default}
        spec: {address: 127.0.0.9, labels: {app: other}}
        """);
    try (HttpClient proxied =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(ProxySelector.of(new InetSocketAddress(PROXY, HTTP_PROXY)))
            .build()) {
      assertThat(answers(URI.create("http://stock.example.com/"), proxied))
          .containsExactly("one", "other");
    }
  }
}
