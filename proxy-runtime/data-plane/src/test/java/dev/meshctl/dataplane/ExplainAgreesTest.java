package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.explain.Explanation;
import dev.meshctl.model.explain.Explanation.Candidate;
import dev.meshctl.model.explain.Explanation.Destination;
import dev.meshctl.model.explain.Explanation.Rewritten;
import dev.meshctl.model.explain.Question;
import dev.meshctl.model.explain.RequestExplainer;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.source.YamlReader;
import dev.meshctl.model.testkit.MeshText;
import dev.meshctl.model.testkit.WebArbitraries;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.validation.ValidationResult;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.statistics.Statistics;

/** The proxy does what {@code explain} says, for any rules, any endpoints and any requests. */
class ExplainAgreesTest {
  private static final String RULE =
      WebArbitraries.SUBSETS.replace(
          "host: web", "host: web\n  trafficPolicy: {tls: {mode: DISABLE}}");
  private static final ServerSocket V1 = server("v1", "127.64.91.1");
  private static final ServerSocket V2 = server("v2", "127.64.91.2");
  private static final DataPlane PLANE = DataPlane.start(settings("client", 1), Optional.empty());

  @AfterContainer
  static void stop() throws IOException {
    PLANE.close();
    V1.close();
    V2.close();
  }

  /** Answers each connection's one request with its version and the path as it was written. */
  private static ServerSocket server(String version, String address) {
    ServerSocket server;
    try {
      server = new ServerSocket(0, 64, InetAddress.getByName(address));
    } catch (IOException taken) {
      throw new UncheckedIOException(taken);
    }
    Thread.ofVirtual()
        .start(() -> {
          while (!server.isClosed()) {
            try (Socket client = server.accept()) {
              answer(version, client);
            } catch (IOException gone) {
              // The client, or the end of the test.
            }
          }
        });
    return server;
  }

  private static void answer(String version, Socket client) throws IOException {
    BufferedReader in =
        new BufferedReader(
            new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
    String first = in.readLine();
    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      // Neither of them matters.
    }
    if (first != null) {
      String body = version + " " + first.split(" ")[1];
      client
          .getOutputStream()
          .write(
              ("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: "
                      + body.length()
                      + "\r\n\r\n"
                      + body)
                  .getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** Who tells of a server. */
  private enum Source {
    /** A launcher that runs it. */
    REPLICA,
    POD,
    /** A slice with a Pod, or a slice alone, whose addresses have no labels. */
    SLICE_OF_POD,
    SLICE,
    WORKLOAD_ENTRY
  }

  private enum State {
    READY,
    NOT_READY,
    LEAVING,
    /** Nobody tells of it. */
    ABSENT
  }

  /** What is told of one of the servers, both of which answer whatever is told. */
  private record Told(Source source, State state) {
    List<WorkloadInstance> replicas(String version, ServerSocket server) {
      return source != Source.REPLICA || state == State.ABSENT
          ? List.of()
          : List.of(
              new WorkloadInstance(
                  "web-" + version + "-0",
                  "default",
                  "web-" + version,
                  "default",
                  Map.of("app", "web", "version", version),
                  address(server),
                  Map.of("http", server.getLocalPort()),
                  Locality.NONE,
                  state != State.NOT_READY,
                  false));
    }

    String yaml(String version, ServerSocket server) {
      if (state == State.ABSENT) {
        return "";
      }
      return switch (source) {
        case REPLICA -> "";
        case POD -> pod(version, server);
        case SLICE_OF_POD ->
            pod(version, server)
                + slice(version, server)
                + "    targetRef: {kind: Pod, namespace: default, name: web-%s-0}\n"
                    .formatted(version);
        case SLICE -> slice(version, server);
        case WORKLOAD_ENTRY ->
            """
            ---
            apiVersion: networking.istio.io/v1
            kind: WorkloadEntry
            metadata: {name: web-%s, namespace: default}
            spec: {address: %s, labels: {app: web, version: %s}, ports: {http: %d}}
            status: {conditions: [{type: Healthy, status: "%s"}]}
            """
                .formatted(
                    version,
                    address(server),
                    version,
                    server.getLocalPort(),
                    state == State.NOT_READY ? "False" : "True");
      };
    }

    private String pod(String version, ServerSocket server) {
      return MeshText.pod(
          "default",
          "web-" + version + "-0",
          "app: web, version: " + version,
          version.equals("v1") ? NODE : "elsewhere",
          address(server),
          server.getLocalPort(),
          state != State.NOT_READY,
          state == State.LEAVING);
    }

    private String slice(String version, ServerSocket server) {
      boolean leaving = state == State.LEAVING;
      return """
      ---
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata:
        name: web-%s
        namespace: default
        labels: {kubernetes.io/service-name: web}
      addressType: IPv4
      ports: [{name: http, port: %d}]
      endpoints:
        - addresses: [%s]
          conditions: {ready: %s, serving: %s, terminating: %s}
      """
          .formatted(
              version,
              server.getLocalPort(),
              address(server),
              state == State.READY,
              state != State.NOT_READY,
              leaving);
    }
  }

  private static String address(ServerSocket server) {
    return server.getInetAddress().getHostAddress();
  }

  private static final String NODE = "here";
  private static final String CLIENT_ADDRESS = "127.64.91.9";

  /** The client, as a launcher runs it, or as a Pod that runs on a node. */
  private static MeshInventory inventory(boolean pod, List<WorkloadInstance> replicas) {
    List<WorkloadInstance> all = new ArrayList<>(replicas);
    if (!pod) {
      all.add(
          new WorkloadInstance(
              "client-0",
              "default",
              "client",
              "default",
              Map.of("app", "client"),
              CLIENT_ADDRESS,
              Map.of(),
              Locality.NONE,
              true,
              true));
    }
    return new MeshInventory(all, Map.of("default/web", 1), "");
  }

  private static String clientPod() {
    return MeshText.pod(
        "default",
        "client-0",
        "app: client, security.istio.io/tlsMode: istio",
        NODE,
        CLIENT_ADDRESS,
        1,
        true,
        false);
  }

  @Provide
  Arbitrary<Told> told() {
    return Combinators.combine(
            Arbitraries.of(Source.class),
            Arbitraries.frequency(
                Tuple.of(8, State.READY),
                Tuple.of(2, State.NOT_READY),
                Tuple.of(2, State.LEAVING),
                Tuple.of(1, State.ABSENT)))
        .as(Told::new);
  }

  /** More of the service's spec. */
  @Provide
  Arbitrary<String> services() {
    return Arbitraries.of(
        "", "", "publishNotReadyAddresses: true, ", "internalTrafficPolicy: Local, ");
  }

  @Provide
  Arbitrary<String> rules() {
    return WebArbitraries.rules();
  }

  @Provide
  Arbitrary<Question> questions() {
    return WebArbitraries.questions("client-0");
  }

  /** A second service keeps the table of the port there where the first is not let in. */
  @Provide
  Arbitrary<String> sidecars() {
    String scope =
        """
        ---
        apiVersion: networking.istio.io/v1
        kind: Sidecar
        metadata: {name: scope, namespace: default}
        spec:
          outboundTrafficPolicy: {mode: REGISTRY_ONLY}
          egress: [{hosts: [%s]}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: other, namespace: elsewhere}
        spec: {type: ExternalName, externalName: outside.example, ports: [{name: http, port: 80}]}
        """;
    return Arbitraries.of("'./*'", "'*/*'", "default/web.default.svc.cluster.local", "elsewhere/*")
        .map(scope::formatted)
        .injectNull(0.3)
        .map(text -> text == null ? "" : text);
  }

  @Property(
      seed = "5",
      tries = 250,
      shrinking = ShrinkingMode.BOUNDED,
      edgeCases = EdgeCasesMode.NONE)
  void the_proxy_does_what_explain_says(
      @ForAll @Size(min = 1, max = 5) List<@From("rules") String> rules,
      @ForAll("sidecars") String sidecar,
      @ForAll("services") String service,
      @ForAll("told") Told v1,
      @ForAll("told") Told v2,
      @ForAll boolean clientIsPod,
      @ForAll @Size(20) List<@From("questions") Question> questions)
      throws IOException {
    String yaml =
        MeshText.service(
                "default",
                "web",
                service + "selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]")
            + RULE
            + MeshText.rules("default", "web", String.join("", rules))
            + sidecar
            + (clientIsPod ? clientPod() : "")
            + v1.yaml("v1", V1)
            + v2.yaml("v2", V2);
    ValidationResult result = MeshText.judged(YamlReader.read("mesh.yaml", yaml));
    Assume.that(result instanceof ValidationResult.Valid);
    ValidatedMesh mesh = ((ValidationResult.Valid) result).mesh();
    List<WorkloadInstance> replicas = new ArrayList<>(v1.replicas("v1", V1));
    replicas.addAll(v2.replicas("v2", V2));
    MeshInventory inventory = inventory(clientIsPod, replicas);
    Scene scene = Scene.of(mesh, Optional.of(inventory));
    RequestExplainer explainer = RequestExplainer.of(scene);
    InetSocketAddress at = inForce(scene);

    for (Question question : questions) {
      Explanation said = explainer.explain(question);
      Answer done = ask(at, question);
      Statistics.label("outcome").collect(said.outcome(), said.endpoints().isEmpty());
      assertThat(done.agrees(said))
          .as("%s%n%s %s%nexplain: %s%nproxy: %s%n%s", question, v1, v2, said, done, yaml)
          .isTrue();
    }
  }

  /** The table of port 80 as a sidecar of the client has it, behind a listener at a free port. */
  private static InetSocketAddress inForce(Scene scene) {
    WorkloadInstance client = scene.at(CLIENT_ADDRESS).orElseThrow();
    XdsSnapshot told = scene.translation().snapshotFor(Scene.sidecar(client));
    Map<ResourceType, Map<String, XdsResource>> all = new EnumMap<>(ResourceType.class);
    for (ResourceType type : List.of(ResourceType.CLUSTER, ResourceType.ENDPOINTS)) {
      all.put(type, new LinkedHashMap<>(told.of(type)));
    }
    RouteTableConfig table =
        (RouteTableConfig) Objects.requireNonNull(told.of(ResourceType.ROUTE).get("80"));
    all.put(ResourceType.ROUTE, Map.of(table.name(), table));
    all.put(
        ResourceType.LISTENER,
        Map.of("out", listener("out", Direction.OUTBOUND, ANY_PORT, plain(http(table.name())))));
    assertThat(PLANE.accept(new XdsSnapshot(all))).isEmpty();
    return Objects.requireNonNull(PLANE.listenAddresses().get("out"));
  }

  /** What came back. */
  private record Answer(int status, String location, String body) {
    boolean agrees(Explanation said) {
      return switch (said.outcome()) {
        // Of several destinations, the outcome is that of the likeliest.
        case ROUTED, REJECTED ->
            said.destinations().isEmpty()
                // Nobody listens where a service is not let in; its host is refused too.
                ? status == 502
                : said.destinations().stream()
                    .anyMatch(to -> agrees(to, Objects.requireNonNull(said.rewritten())));
        case REDIRECTED -> status == said.status() && location.equals(said.location());
        case DIRECT_RESPONSE -> status == said.status();
        case NO_ROUTE -> status == 404;
        case DENIED -> false;
      };
    }

    /** One of those that are in has answered, or, where nobody is, the proxy itself. */
    private boolean agrees(Destination to, Rewritten request) {
      List<String> in =
          to.endpoints().stream()
              .filter(Candidate::in)
              .map(candidate -> candidate.address().equals(endpoint(V1)) ? "v1" : "v2")
              .toList();
      return in.isEmpty()
          ? status == 503
          : status == 200
              && in.stream().anyMatch(version -> body.equals(version + " " + request.path()));
    }

    private static String endpoint(ServerSocket server) {
      return address(server) + ":" + server.getLocalPort();
    }
  }

  private static Answer ask(InetSocketAddress at, Question question) throws IOException {
    StringBuilder request =
        new StringBuilder(question.method() + " " + question.path() + " HTTP/1.1\r\n");
    question.headers().forEach((name, value) -> request.append(name + ": " + value + "\r\n"));
    request.append("content-length: 0\r\nconnection: close\r\n\r\n");
    try (Socket socket = new Socket(at.getAddress(), at.getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      String answer = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      int head = answer.indexOf("\r\n\r\n");
      String location =
          answer
              .substring(0, head)
              .lines()
              .filter(line -> line.startsWith("location: "))
              .map(line -> line.substring(10))
              .findFirst()
              .orElse("");
      return new Answer(
          Integer.parseInt(answer.substring(9, 12)), location, answer.substring(head + 4));
    }
  }
}
