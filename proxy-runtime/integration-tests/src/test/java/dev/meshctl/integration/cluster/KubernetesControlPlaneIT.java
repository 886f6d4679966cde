package dev.meshctl.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.app.KubernetesControlPlane;
import dev.meshctl.app.KubernetesVariables;
import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.Leadership;
import dev.meshctl.controlplane.kubernetes.ClusterAuthority;
import dev.meshctl.controlplane.kubernetes.ClusterTokens;
import dev.meshctl.controlplane.serve.PushSettings;
import dev.meshctl.identity.CurrentIdentity;
import dev.meshctl.identity.GrpcTls;
import dev.meshctl.identity.GrpcTransport;
import dev.meshctl.identity.IdentityException;
import dev.meshctl.identity.Pem;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.identity.TokenVerifier.Audience;
import dev.meshctl.identity.TokenVerifier.Verdict;
import dev.meshctl.identity.WorkloadIdentity;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.MeshEndpoint;
import dev.meshctl.model.query.MeshQueryException;
import dev.meshctl.model.query.MeshStatus;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.net.loop.Loops;
import dev.meshctl.net.retry.Backoff;
import dev.meshctl.net.retry.Pause;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The control plane on a real API server, as the installed one runs it but outside of pods. */
class KubernetesControlPlaneIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Leadership.Terms QUICK =
      new Leadership.Terms(Duration.ofSeconds(3), Duration.ofSeconds(2), Duration.ofMillis(300));

  @RegisterExtension static final ClusterFixture CLUSTER = ClusterFixture.withoutNodes();

  @TempDir Path scratch = Path.of("");

  private final List<AutoCloseable> open = new ArrayList<>();
  private String system = "";

  @BeforeEach
  void system() {
    system = CLUSTER.namespace("system");
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  @Test
  void two_replicas_that_start_at_once_agree_on_one_authority_and_one_leads() throws Exception {
    List<Thread> starting = new ArrayList<>();
    List<KubernetesControlPlane> replicas = new ArrayList<>();
    for (String name : List.of("one", "two")) {
      starting.add(
          Thread.ofVirtual()
              .start(() -> {
                KubernetesControlPlane started = start(name);
                synchronized (replicas) {
                  replicas.add(started);
                }
              }));
    }
    for (Thread thread : starting) {
      thread.join();
    }
    assertThat(replicas).hasSize(2);
    await()
        .atMost(SOON)
        .until(() -> replicas.stream().filter(KubernetesControlPlane::leads).count() == 1);
    String root =
        decoded(kubectl("get", "secret", "meshctl-ca", "-o", "jsonpath={.data['ca-cert\\.pem']}"));
    await().atMost(SOON).until(() -> trustBundle(system).equals(root.strip()));
    for (KubernetesControlPlane replica : replicas) {
      await().atMost(SOON).until(() -> ask(replica, operator()).generation() > 0);
    }

    KubernetesControlPlane leader =
        replicas.stream().filter(KubernetesControlPlane::leads).findFirst().orElseThrow();
    leader.close();
    await()
        .atMost(SOON)
        .until(() -> replicas.stream().anyMatch(each -> each != leader && each.leads()));
  }

  @Test
  void a_replica_that_is_told_to_end_hands_its_lease_and_its_proxies_to_the_other()
      throws Exception {
    String token = operator();
    CountDownLatch heard = new CountDownLatch(1);
    open.add(heard::countDown);
    // Who did not give it back would lead for a minute more.
    Leadership.Terms usual =
        new Leadership.Terms(
            Duration.ofSeconds(60), Duration.ofSeconds(40), Duration.ofMillis(300));
    KubernetesControlPlane one = start("one", usual, length -> heard.await());
    await().atMost(SOON).until(one::leads);
    KubernetesControlPlane two = start("two", usual, length -> heard.await());
    await().atMost(SOON).until(() -> health(one) == 200 && health(two) == 200);
    SimulatedProxy early = proxy("app-0", 1);
    SimulatedProxy late = proxy("app-1", 2);
    Doorway service = Doorway.open(one.grpcAddress(), two.grpcAddress());
    open.add(service);
    early.connect(service.address());
    await().atMost(SOON).until(() -> connected(one, token).contains(early.id()));
    assertThat(connected(two, token)).isEmpty();

    Thread ending = Thread.ofVirtual().start(one::close);

    await().atMost(SOON).until(() -> health(one) == 503 && two.leads());
    assertThat(health(two)).isEqualTo(200);
    late.connect(one.grpcAddress());
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(connected(one, token))
                .as("who has not heard is served")
                .contains(early.id(), late.id()));

    heard.countDown();
    assertThat(ending.join(SOON)).isTrue();

    await().atMost(SOON).until(() -> connected(two, token).contains(early.id()));
    assertThat(service.connections()).as("one to each").isEqualTo(2);
  }

  private SimulatedProxy proxy(String pod, int address) throws Exception {
    ClusterConnection connection = connect();
    open.add(connection);
    SimulatedProxy proxy =
        new SimulatedProxy(
            system,
            pod,
            address,
            new ClusterAuthority(
                    connection.objects(),
                    system,
                    "cluster.local",
                    Duration.ofHours(1),
                    InstantSource.system(),
                    new SecureRandom())
                .open());
    open.add(proxy);
    return proxy;
  }

  @Test
  void an_authority_that_users_plug_in_signs_and_is_what_the_mesh_trusts() throws Exception {
    Path root = scratch.resolve("root-cert.pem");
    openssl(
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "root-key.pem",
        "-out",
        root.toString(),
        "-days",
        "30",
        "-subj",
        "/O=Company");
    openssl(
        "req",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "ca-key.pem",
        "-out",
        "ca.csr",
        "-subj",
        "/O=Company/OU=mesh");
    Files.writeString(scratch.resolve("ext"), "basicConstraints=critical,CA:TRUE,pathlen:0\n");
    openssl(
        "x509",
        "-req",
        "-in",
        "ca.csr",
        "-CA",
        root.toString(),
        "-CAkey",
        "root-key.pem",
        "-CAcreateserial",
        "-days",
        "20",
        "-extfile",
        "ext",
        "-out",
        "ca-cert.pem");
    Files.copy(scratch.resolve("ca-cert.pem"), scratch.resolve("cert-chain.pem"));
    List<String> create = new ArrayList<>(List.of("create", "secret", "generic", "cacerts"));
    for (String name : List.of("ca-cert.pem", "ca-key.pem", "cert-chain.pem", "root-cert.pem")) {
      create.add("--from-file=" + scratch.resolve(name));
    }
    kubectl(create.toArray(String[]::new));

    KubernetesControlPlane plane = start("one");

    await().atMost(SOON).until(() -> trustBundle(system).equals(Files.readString(root).strip()));
    await().atMost(SOON).until(() -> ask(plane, operator()).generation() > 0);
    assertThat(CLUSTER.kubectl("-n", system, "get", "secret", "meshctl-ca").exit()).isNotZero();
  }

  @Test
  void the_trust_bundle_is_in_every_namespace_of_the_mesh_and_comes_back_when_deleted()
      throws Exception {
    String inMesh = CLUSTER.namespace("in");
    String outside = CLUSTER.namespace("out");
    CLUSTER.kubectl("label", "namespace", inMesh, "istio-injection=enabled").text();
    start("one");

    await().atMost(SOON).until(() -> !trustBundle(inMesh).isEmpty());
    assertThat(trustBundle(outside)).isEmpty();

    CLUSTER.kubectl("-n", inMesh, "delete", "configmap", "meshctl-ca-root-cert").text();
    await().atMost(SOON).until(() -> !trustBundle(inMesh).isEmpty());
    CLUSTER.kubectl("label", "namespace", outside, "istio.io/rev=default").text();
    await().atMost(SOON).until(() -> trustBundle(outside).equals(trustBundle(inMesh)));
  }

  @Test
  void the_webhook_is_given_the_authority_that_the_api_server_has_to_trust() throws Exception {
    CLUSTER
        .apply(
            """
            apiVersion: admissionregistration.k8s.io/v1
            kind: MutatingWebhookConfiguration
            metadata: {name: meshctl-injector}
            webhooks:
            - name: test.inject.meshctl.dev
              clientConfig: {service: {name: none, namespace: %s, path: /inject}}
              namespaceSelector: {matchLabels: {never: set}}
              failurePolicy: Ignore
              sideEffects: None
              admissionReviewVersions: [v1]
            """
                .formatted(system))
        .text();
    try {
      start("one");
      await()
          .atMost(SOON)
          .until(() -> {
            String bundle =
                CLUSTER
                    .kubectl(
                        "get",
                        "mutatingwebhookconfiguration",
                        "meshctl-injector",
                        "-o",
                        "jsonpath={.webhooks[0].clientConfig.caBundle}")
                    .out()
                    .strip();
            return !bundle.isEmpty() && decoded(bundle).strip().equals(trustBundle(system));
          });
    } finally {
      CLUSTER.kubectl("delete", "mutatingwebhookconfiguration", "meshctl-injector").text();
    }
  }

  @Test
  void a_token_gets_a_certificate_only_for_its_audience_and_bound_to_a_pod() throws Exception {
    String namespace = CLUSTER.namespace("tokens");
    CLUSTER.apply(pod(namespace)).text();
    ClusterTokens tokens = tokens();
    String pod = "--bound-object-kind=Pod";
    String bound =
        token(namespace, "cart", "--audience=meshctl-ca", pod, "--bound-object-name=cart-1");
    assertThat(tokens.verify(bound, Audience.CERTIFICATES))
        .isEqualTo(new Verdict.Accepted("spiffe://cluster.local/ns/" + namespace + "/sa/cart"));

    refused(
        tokens.verify(token(namespace, "cart", "--audience=meshctl-ca"), Audience.CERTIFICATES),
        "bound to no pod");
    refused(
        tokens.verify(
            token(namespace, "cart", pod, "--bound-object-name=cart-1"), Audience.CERTIFICATES),
        "does not accept it for audience meshctl-ca");
    refused(tokens.verify("nonsense", Audience.CERTIFICATES), "does not accept it");

    CLUSTER.kubectl("-n", namespace, "delete", "pod", "cart-1", "--force", "--grace-period=0");
    await()
        .atMost(SOON)
        .until(() -> tokens.verify(bound, Audience.CERTIFICATES) instanceof Verdict.Refused);
  }

  @Test
  void a_pod_gets_its_first_certificate_by_its_token_and_the_next_by_the_certificate()
      throws Exception {
    String namespace = CLUSTER.namespace("workload");
    CLUSTER.apply(pod(namespace)).text();
    KubernetesControlPlane plane = start("one");
    await().atMost(SOON).until(() -> !trustBundle(system).isEmpty());
    List<X509Certificate> trust = Pem.certificates(trustBundle(system) + "\n");
    SpiffeId cart = new SpiffeId("cluster.local", namespace, "cart");
    Loops loops = Loops.start(1, "test");
    open.add(loops::close);
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    open.add(threads::shutdownNow);
    Path token = scratch.resolve("pod-token");
    Files.writeString(
        token,
        token(
            namespace,
            "cart",
            "--audience=meshctl-ca",
            "--bound-object-kind=Pod",
            "--bound-object-name=cart-1"));
    CurrentIdentity current = new CurrentIdentity();
    AtomicInteger byCertificate = new AtomicInteger();
    WorkloadIdentity identity =
        WorkloadIdentity.start(
            new WorkloadIdentity.Settings(
                cart,
                "",
                token,
                Duration.ofSeconds(4),
                new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), 0.1)),
            new WorkloadIdentity.Surroundings(
                InstantSource.system(), Thread::sleep, new SecureRandom()),
            new WorkloadIdentity.Channels() {
              @Override
              public ManagedChannel anonymous() throws IdentityException {
                return GrpcTransport.channel(
                    plane.grpcAddress(), GrpcTls.client(trust, Optional.empty()), loops, threads);
              }

              @Override
              public ManagedChannel authenticated(CurrentIdentity held) throws IdentityException {
                byCertificate.incrementAndGet();
                return GrpcTransport.channel(
                    plane.grpcAddress(), GrpcTls.client(trust, Optional.of(held)), loops, threads);
              }
            },
            current);
    open.add(identity);

    await().atMost(SOON).until(() -> current.current().isPresent());
    X509Certificate first = current.current().orElseThrow().chain().getFirst();
    assertThat(SpiffeId.of(first)).contains(cart);
    Files.writeString(token, "of no use any more");
    await()
        .atMost(SOON)
        .until(() -> !current.current().orElseThrow().chain().getFirst().equals(first));
    assertThat(byCertificate).hasPositiveValue();
  }

  @Test
  void people_ask_as_whom_the_cluster_knows_them_and_need_a_permission_of_their_own()
      throws Exception {
    CLUSTER
        .apply(
            """
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: reads-services, namespace: %1$s}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: services, namespace: %1$s}
            rules: [{apiGroups: [""], resources: [services], verbs: [get, list]}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: services, namespace: %1$s}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: services}
            subjects: [{kind: ServiceAccount, name: reads-services, namespace: %1$s}]
            """
                .formatted(system))
        .text();
    KubernetesControlPlane plane = start("one");
    await().atMost(SOON).until(() -> ask(plane, operator()).generation() > 0);

    String other = token(system, "reads-services", "--audience=meshctl-query");
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> ask(plane, other))
        .isInstanceOf(MeshQueryException.Denied.class)
        .hasMessageContaining(
            "system:serviceaccount:" + system + ":reads-services may not get meshes.meshctl.dev");
  }

  @Test
  void one_broken_object_of_a_team_is_a_finding_and_holds_up_no_other() throws Exception {
    String namespace = CLUSTER.namespace("teams");
    CLUSTER.apply(DEFINITION).text();
    try {
      CLUSTER
          .kubectl("wait", "--for=condition=Established", "crd/virtualservices.networking.istio.io")
          .text();
      KubernetesControlPlane plane = start("one");
      await().atMost(SOON).until(() -> applied(route(namespace, "good", "1")));
      await().atMost(SOON).until(() -> applied(route(namespace, "bad", "0")));
      await()
          .atMost(SOON)
          .until(() -> {
            MeshStatus status = ask(plane, operator());
            return !status.accepted()
                && status.diagnostics().stream()
                    .anyMatch(d ->
                        d.code().equals("MESH0214") && d.subject().endsWith(namespace + "/bad"));
          });
      long before = ask(plane, operator()).generation();
      await().atMost(SOON).until(() -> applied(route(namespace, "another", "1")));
      await().atMost(SOON).until(() -> ask(plane, operator()).generation() > before);
      assertThat(ask(plane, operator()).diagnostics())
          .noneMatch(d -> d.subject().endsWith("/another") && d.code().equals("MESH0214"));

      await().atMost(SOON).until(() -> applied(route(namespace, "bad", "2")));
      await().atMost(SOON).until(() -> ask(plane, operator()).accepted());
    } finally {
      CLUSTER.kubectl("delete", "crd", "virtualservices.networking.istio.io").text();
    }
  }

  @Test
  void it_is_ready_once_the_cluster_has_been_read_whole() throws Exception {
    KubernetesControlPlane plane = start("one");
    await().atMost(SOON).until(() -> health(plane) == 200);
    assertThat(ask(plane, operator()).generation()).isPositive();
  }

  /** What the kubelet is answered. */
  private static int health(KubernetesControlPlane plane) throws Exception {
    URI ready = URI.create("http:/" + plane.healthAddress() + "/healthz/ready");
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(ready).build(), HttpResponse.BodyHandlers.ofString())
          .statusCode();
    }
  }

  private static final String DEFINITION =
      """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata: {name: virtualservices.networking.istio.io}
      spec:
        group: networking.istio.io
        names: {kind: VirtualService, plural: virtualservices, singular: virtualservice}
        scope: Namespaced
        versions:
        - name: v1
          served: true
          storage: true
          schema:
            openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
      """;

  /** A pod that nobody runs, and its account. */
  private static String pod(String namespace) {
    return """
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: cart, namespace: %1$s}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: cart-1, namespace: %1$s}
    spec:
      serviceAccountName: cart
      nodeName: nowhere
      containers: [{name: app, image: none}]
    """
        .formatted(namespace);
  }

  /** Sound unless all weights are zero. */
  private static String route(String namespace, String name, String weight) {
    return """
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: %1$s, namespace: %2$s}
    spec:
      hosts: [%1$s.example.com]
      http:
      - route:
        - {destination: {host: a}, weight: %3$s}
        - {destination: {host: b}, weight: 0}
    """
        .formatted(name, namespace, weight);
  }

  private static boolean applied(String yaml) {
    return CLUSTER.apply(yaml).exit() == 0;
  }

  private KubernetesControlPlane start(String replica) {
    return start(replica, QUICK, Thread::sleep);
  }

  private KubernetesControlPlane start(String replica, Leadership.Terms terms, Pause linger) {
    try {
      KubernetesControlPlane started =
          KubernetesControlPlane.start(
              connect(),
              KubernetesVariables.read(
                  Map.of(
                      "POD_NAME",
                      replica,
                      "POD_NAMESPACE",
                      system,
                      "MESHCTL_DATA",
                      scratch.resolve(replica).toString(),
                      "MESHCTL_LINGER_SECONDS",
                      "0",
                      "MESHCTL_GRPC_ADDRESS",
                      "127.0.0.1:0",
                      "MESHCTL_QUERY_ADDRESS",
                      "127.0.0.1:0",
                      "MESHCTL_HEALTH_ADDRESS",
                      "127.0.0.1:0")),
              PushSettings.DEFAULT,
              terms,
              linger);
      synchronized (open) {
        open.add(started);
      }
      return started;
    } catch (Exception failed) {
      throw new AssertionError(failed);
    }
  }

  private static ClusterConnection connect() throws Exception {
    return CLUSTER.connect();
  }

  private ClusterTokens tokens() throws Exception {
    ClusterConnection connection = connect();
    open.add(connection);
    return new ClusterTokens(connection.reviews(), "cluster.local", system, InstantSource.system());
  }

  private static void refused(Verdict verdict, String reason) {
    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Refused.class, refused -> assertThat(refused.reason()).contains(reason));
  }

  /** A token of somebody who may ask. */
  private String operator() {
    CLUSTER
        .apply(
            """
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: meshctl-viewer, namespace: %1$s}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: asks, namespace: %1$s}
            rules: [{apiGroups: [meshctl.dev], resources: [meshes], verbs: [get]}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: asks, namespace: %1$s}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: asks}
            subjects: [{kind: ServiceAccount, name: meshctl-viewer, namespace: %1$s}]
            """
                .formatted(system))
        .text();
    return token(system, "meshctl-viewer", "--audience=meshctl-query");
  }

  private static String token(String namespace, String account, String... more) {
    List<String> words = new ArrayList<>(List.of("-n", namespace, "create", "token", account));
    words.addAll(List.of(more));
    return CLUSTER.kubectl(words.toArray(String[]::new)).text().strip();
  }

  private MeshStatus ask(KubernetesControlPlane plane, String token) throws IOException {
    return asked(plane, token, MeshClient::status);
  }

  /** Ids of the proxies whose streams are open. */
  private List<String> connected(KubernetesControlPlane plane, String token) throws IOException {
    return asked(plane, token, MeshClient::proxies).stream()
        .filter(proxy -> proxy.state() != ProxyView.State.DISCONNECTED)
        .map(ProxyView::id)
        .toList();
  }

  private <T> T asked(KubernetesControlPlane plane, String token, Function<MeshClient, T> question)
      throws IOException {
    Path bundle = Files.writeString(scratch.resolve("bundle.pem"), trustBundle(system) + "\n");
    Path file = Files.writeString(scratch.resolve("token"), token);
    try (MeshClient client =
        MeshClient.of(
            new MeshEndpoint(
                "https:/" + plane.queryAddress(), bundle.toString(), file.toString()))) {
      return question.apply(client);
    }
  }

  private static String trustBundle(String namespace) {
    return CLUSTER
        .kubectl(
            "-n",
            namespace,
            "get",
            "configmap",
            "meshctl-ca-root-cert",
            "-o",
            "jsonpath={.data['root-cert\\.pem']}")
        .out()
        .strip();
  }

  private String kubectl(String... words) {
    List<String> all = new ArrayList<>(List.of("-n", system));
    all.addAll(List.of(words));
    return CLUSTER.kubectl(all.toArray(String[]::new)).text();
  }

  private void openssl(String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(words));
    Output ran = Output.of(new ProcessBuilder(command).directory(scratch.toFile()), "", SOON);
    assertThat(ran.exit()).as(ran.err()).isZero();
  }

  private static String decoded(String base64) {
    return new String(Base64.getDecoder().decode(base64.strip()));
  }
}
