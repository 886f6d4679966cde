package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.explain.Explanation;
import dev.meshctl.model.explain.Question;
import dev.meshctl.model.explain.RequestExplainer;
import dev.meshctl.model.source.ParsedDocuments;
import dev.meshctl.model.source.YamlReader;
import dev.meshctl.model.validation.MeshValidator;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.validation.ValidationResult;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.model.xds.translation.MeshTranslation;
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
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;

/** The proxy does what {@code explain} says, for any rules and any requests. */
class ExplainAgreesTest {
  private static final String MESH =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: web, namespace: default}
      spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
      ---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: web, namespace: default}
      spec:
        host: web
        trafficPolicy: {tls: {mode: DISABLE}}
        subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: web, namespace: default}
      spec:
        hosts: [web]
        http:
      """;
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

  private static WorkloadInstance instance(String version, ServerSocket server) {
    return new WorkloadInstance(
        "web-" + version + "-0",
        "default",
        "web-" + version,
        "default",
        Map.of("app", "web", "version", version),
        server.getInetAddress().getHostAddress(),
        Map.of("http", server.getLocalPort()),
        Locality.NONE,
        true,
        false);
  }

  private static final WorkloadInstance CLIENT =
      new WorkloadInstance(
          "client-0",
          "default",
          "client",
          "default",
          Map.of("app", "client"),
          "127.64.91.9",
          Map.of(),
          Locality.NONE,
          true,
          true);

  @Provide
  Arbitrary<String> rules() {
    Arbitrary<String> uris =
        Arbitraries.of(
            "",
            "uri: {exact: /a}",
            "uri: {prefix: /a}",
            "uri: {prefix: /a/}",
            "uri: {prefix: /b}",
            "uri: {regex: '/[ab]/[0-9]+'}",
            "uri: {exact: /A}, ignoreUriCase: true");
    Arbitrary<String> more =
        Arbitraries.of(
            "",
            "headers: {x-user: {exact: mary}}",
            "headers: {x-user: {prefix: ma}}",
            "headers: {x-user: {regex: '.*y'}}",
            "withoutHeaders: {x-user: {}}",
            "method: {exact: POST}",
            "queryParams: {q: {exact: '1'}}",
            "authority: {exact: web}");
    Arbitrary<String> actions =
        Arbitraries.of(
            "route: [{destination: {host: web, subset: v1}}]",
            "route: [{destination: {host: web, subset: v2}}]",
            "rewrite: {uri: /new}, route: [{destination: {host: web, subset: v1}}]",
            "rewrite: {uri: /}, route: [{destination: {host: web, subset: v2}}]",
            "route: [{destination: {host: web, subset: v1}, weight: 1},"
                + " {destination: {host: web, subset: v2}, weight: 2}]",
            "redirect: {uri: /else, redirectCode: 308}",
            "redirect: {authority: other.example}",
            "directResponse: {status: 418, body: {string: tea}}");
    return Combinators.combine(uris, more, actions)
        .as((uri, condition, action) -> {
          List<String> match = new ArrayList<>(List.of(uri, condition));
          match.removeIf(String::isEmpty);
          return "    - {"
              + (match.isEmpty() ? "" : "match: [{" + String.join(", ", match) + "}], ")
              + action
              + "}\n";
        });
  }

  @Provide
  Arbitrary<Question> questions() {
    return Combinators.combine(
            Arbitraries.of("GET", "POST"),
            Arbitraries.of(
                "/", "/a", "/A", "/a/", "/a/7", "/ab", "/b", "/b/12", "/a?q=1", "/b?q=1&q=2", "/c"),
            Arbitraries.of("", "mary", "mark", "joe"),
            Arbitraries.of("web", "web:80", "web.default", "WEB"))
        .as((method, path, user, host) ->
            new Question(
                "client",
                "web:80",
                method,
                path,
                user.isEmpty() ? Map.of("host", host) : Map.of("host", host, "x-user", user)));
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

  @Property(seed = "5", tries = 150, shrinking = ShrinkingMode.BOUNDED)
  void the_proxy_does_what_explain_says(
      @ForAll @Size(min = 1, max = 5) List<@net.jqwik.api.From("rules") String> rules,
      @ForAll("sidecars") String sidecar,
      @ForAll @Size(20) List<@net.jqwik.api.From("questions") Question> questions)
      throws IOException {
    ParsedDocuments parsed = YamlReader.read("mesh.yaml", MESH + String.join("", rules) + sidecar);
    ValidationResult result =
        MeshValidator.validate(
            "cluster.local", "istio-system", parsed.resources(), parsed.diagnostics());
    Assume.that(result instanceof ValidationResult.Valid);
    ValidatedMesh mesh = ((ValidationResult.Valid) result).mesh();
    MeshInventory inventory =
        new MeshInventory(
            List.of(CLIENT, instance("v1", V1), instance("v2", V2)), Map.of("default/web", 1), "");
    RequestExplainer explainer = RequestExplainer.of(mesh, Optional.of(inventory));
    InetSocketAddress at = inForce(mesh, inventory);

    for (Question question : questions) {
      Explanation said = explainer.explain(question);
      Answer done = ask(at, question);
      assertThat(done.agrees(said)).as("%s%nexplain: %s%nproxy: %s", question, said, done).isTrue();
    }
  }

  /** The table of port 80 as a sidecar of the client has it, behind a listener at a free port. */
  private static InetSocketAddress inForce(ValidatedMesh mesh, MeshInventory inventory) {
    XdsSnapshot told =
        MeshTranslation.of(mesh, inventory)
            .snapshotFor(
                new ProxyNode(
                    "sidecar~client",
                    ProxyNode.Role.SIDECAR,
                    "default",
                    "client",
                    "client-0",
                    "default",
                    CLIENT.labels(),
                    new ProxyNode.Capture.Transparent(CLIENT.address())));
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
        case ROUTED ->
            status == 200
                && said.rewritten() != null
                && said.destinations().stream()
                    .anyMatch(to -> body.equals(to.subset() + " " + said.rewritten().path()));
        case REDIRECTED -> status == said.status() && location.equals(said.location());
        case DIRECT_RESPONSE -> status == said.status();
        case NO_ROUTE -> status == 404;
        // Nobody listens at the address of a service that is not let in; its host is refused too.
        case REJECTED -> status == 502;
        case DENIED -> false;
      };
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
