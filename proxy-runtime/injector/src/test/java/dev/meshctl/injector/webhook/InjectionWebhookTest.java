package dev.meshctl.injector.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.identity.CertificateAuthority;
import dev.meshctl.identity.CurrentIdentity;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.injector.mutation.InjectedText;
import dev.meshctl.injector.mutation.InjectionSettings;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.source.YamlReader;
import dev.meshctl.model.testkit.AppliedPatch;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An API server's questions over HTTPS, on loopback. */
class InjectionWebhookTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final InjectionSettings SETTINGS =
      InjectionSettings.of("mesh:1", "control-plane:15012");
  private static final String POD =
      """
      {"apiVersion": "v1", "kind": "Pod",
       "metadata": {"generateName": "web-", "annotations": {%s},
        "ownerReferences": [{"kind": "ReplicaSet", "name": "web-7f", "controller": true}]},
       "spec": {"containers": [{"name": "web", "image": "web",
        "readinessProbe": {"tcpSocket": {"port": 80}}}]}}
      """;
  private static final String ROUTE =
      """
      {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
       "metadata": {"name": "web", "namespace": "shop", "managedFields": [{"anything": {}}]},
       "spec": {"hosts": ["web"], "http": [{"route": [
        {"destination": {"host": "%s"}, "weight": %s}, {"destination": {"host": "web"}}]}]}}
      """;

  @TempDir Path folder;
  private final CurrentIdentity identity = new CurrentIdentity();
  private final List<String> events = new ArrayList<>();
  private Map<String, String> namespace = Map.of("istio-injection", "enabled");
  private Optional<RuntimeException> bug = Optional.empty();
  private Collection<Located<? extends MeshResource>> mesh = List.of();
  private CertificateAuthority authority;
  private InjectionWebhook webhook;
  private SSLContext trusting;

  @BeforeEach
  void serve() throws Exception {
    authority =
        CertificateAuthority.open(
            new CertificateAuthority.Settings("cluster.local", folder, Duration.ofHours(1)),
            InstantSource.system(),
            new SecureRandom());
    renew();
    webhook = start(Duration.ofSeconds(20));
    KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
    roots.load(null, null);
    roots.setCertificateEntry("root", authority.trustBundle().getFirst());
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(roots);
    trusting = SSLContext.getInstance("TLS");
    trusting.init(null, managers.getTrustManagers(), null);
  }

  private InjectionWebhook start(Duration deadline) throws IOException {
    return InjectionWebhook.start(
        new InjectionWebhook.Settings(
            new InetSocketAddress("127.0.0.1", 0),
            identity,
            () -> {
              bug.ifPresent(thrown -> {
                throw thrown;
              });
              return SETTINGS;
            },
            name -> Optional.of(namespace),
            "cluster.local",
            "istio-system",
            () -> mesh,
            (namespace, kind, name, message) ->
                events.add(namespace + " " + kind + "/" + name + ": " + message),
            deadline));
  }

  private void renew() {
    identity.publish(
        authority.serverIdentity(
            new SpiffeId("cluster.local", "meshctl-system", "control-plane"),
            List.of("localhost"),
            List.of("127.0.0.1")));
  }

  @AfterEach
  void stop() {
    webhook.close();
  }

  @Test
  void a_pod_gets_by_patch_what_the_command_prints() throws Exception {
    String pod = POD.formatted("");
    JsonNode response = ask("/inject", review(pod, "CREATE", false));

    assertThat(response.path("uid").stringValue()).isEqualTo("u-1");
    assertThat(response.path("allowed").booleanValue()).isTrue();
    assertThat(response.path("patchType").stringValue()).isEqualTo("JSONPatch");
    JsonNode patch =
        JSON.readTree(Base64.getDecoder().decode(response.path("patch").stringValue()));
    InjectedText printed = InjectedText.of("pod", pod, "shop", SETTINGS);
    assertThat(AppliedPatch.to(JSON.readTree(pod), patch).toString())
        .isEqualTo(printed.documents().getFirst().toString());
  }

  @Test
  void what_gets_no_sidecar_is_allowed_as_it_is() throws Exception {
    namespace = Map.of();
    assertAsItIs(ask("/inject/cluster/one", review(POD.formatted(""), "CREATE", false)));
    namespace = Map.of("istio-injection", "enabled");
    assertAsItIs(ask("/inject", review(POD.formatted(""), "UPDATE", false)));
    assertAsItIs(
        ask(
            "/inject",
            review("{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\"}", "CREATE", false)));
    assertThat(events).isEmpty();
  }

  private static void assertAsItIs(JsonNode response) {
    assertThat(response.path("allowed").booleanValue()).isTrue();
    assertThat(response.has("patch")).isFalse();
    assertThat(response.has("patchType")).isFalse();
  }

  @Test
  void what_a_user_can_correct_is_refused_with_its_code_and_told_as_an_event() throws Exception {
    String pod = POD.formatted("\"traffic.sidecar.istio.io/excludeInboundPorts\": \"all\"");

    JsonNode response = ask("/inject", review(pod, "CREATE", false));

    assertThat(response.path("allowed").booleanValue()).isFalse();
    assertThat(response.at("/status/code").intValue()).isEqualTo(400);
    assertThat(response.at("/status/message").stringValue())
        .contains("MESH0221 traffic.sidecar.istio.io/excludeInboundPorts: 'all' (expected: ports");
    assertThat(events).singleElement().asString().startsWith("shop ReplicaSet/web-7f: no sidecar");

    ask("/inject", review(pod, "CREATE", true));
    assertThat(events).as("a dry run tells nobody").hasSize(1);
  }

  @Test
  void warnings_come_with_the_pod() throws Exception {
    JsonNode response =
        ask(
            "/inject",
            review(POD.formatted("\"sidecar.istio.io/logLevel\": \"x\""), "CREATE", false));

    assertThat(response.path("allowed").booleanValue()).isTrue();
    assertThat(response.at("/warnings/0").stringValue())
        .startsWith("MESH0007 'sidecar.istio.io/logLevel' is not applied");
  }

  @Test
  void a_bug_of_ours_says_how_to_go_on_without_us() throws Exception {
    bug = Optional.of(new IllegalStateException("no idea"));

    JsonNode response = ask("/inject", review(POD.formatted(""), "CREATE", false));

    assertThat(response.path("allowed").booleanValue()).isFalse();
    assertThat(response.at("/status/code").intValue()).isEqualTo(500);
    assertThat(response.at("/status/message").stringValue())
        .contains("bug", "no idea", "sidecar.istio.io/inject: \"false\"");
    assertThat(events).hasSize(1);
  }

  @Test
  void configuration_that_is_wrong_in_itself_is_refused_as_analyze_says_it() throws Exception {
    JsonNode response = ask("/validate", review(ROUTE.formatted("web", "-3"), "CREATE", false));

    assertThat(response.path("allowed").booleanValue()).isFalse();
    assertThat(response.at("/status/message").stringValue())
        .startsWith("MESH0112 VirtualService shop/web: spec.http[0].route[0].weight: -3 (expected");
    assertThat(response.at("/status/details/causes/0/field").stringValue())
        .isEqualTo("spec.http[0].route[0].weight");
    assertThat(response.at("/status/details/causes/0/reason").stringValue()).isEqualTo("MESH0112");
    assertThat(
            ask("/validate", review(ROUTE.formatted("web", "-3"), "DELETE", false))
                .path("allowed")
                .booleanValue())
        .isTrue();
  }

  @Test
  void what_was_wrong_before_may_be_changed_elsewhere_and_let_go_of() throws Exception {
    String broken = ROUTE.formatted("web", "-3");
    String leaving =
        broken.replace("\"name\":", "\"deletionTimestamp\": \"2026-01-01T00:00:00Z\", \"name\":");

    JsonNode labelled = ask("/validate", update(broken, broken));
    assertThat(labelled.path("allowed").booleanValue()).isTrue();
    assertThat(labelled.path("warnings").toString()).contains("MESH0112");
    assertThat(
            ask("/validate", update(ROUTE.formatted("web", "1"), leaving))
                .path("allowed")
                .booleanValue())
        .isTrue();
    assertThat(
            ask("/validate", update(ROUTE.formatted("web", "-4"), broken))
                .path("allowed")
                .booleanValue())
        .isFalse();
  }

  @Test
  void what_does_not_fit_the_rest_is_a_warning_because_the_rest_may_come_later() throws Exception {
    mesh =
        List.copyOf(
            YamlReader.read(
                    "m",
                    """
                    {apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop},
                     spec: {ports: [{name: http, port: 80}]}}
                    """)
                .resources());

    JsonNode unknown = ask("/validate", review(ROUTE.formatted("wen", "50"), "UPDATE", false));
    assertThat(unknown.path("allowed").booleanValue()).isTrue();
    assertThat(unknown.path("warnings").toString())
        .contains("MESH0102 VirtualService shop/web: spec.http[0].route[0].destination.host");

    mesh = List.of();
    assertThat(
            ask("/validate", review(ROUTE.formatted("wen", "50"), "UPDATE", false)).has("warnings"))
        .as("where the rest is not known")
        .isFalse();
  }

  @Test
  void what_is_no_review_is_not_answered() throws Exception {
    assertThat(post("/inject", "{").statusCode()).isEqualTo(400);
    assertThat(post("/inject", "{\"kind\": \"AdmissionReview\"}").statusCode()).isEqualTo(400);
    assertThat(post("/inject", " ".repeat((4 << 20) + 1)).statusCode()).isEqualTo(413);
    assertThat(post("/elsewhere", "{}").statusCode()).isEqualTo(404);
  }

  @Test
  void a_renewed_certificate_is_presented_without_a_restart() throws Exception {
    X509Certificate before = presented();
    assertThat(presented()).isEqualTo(before);

    renew();

    assertThat(presented()).isNotEqualTo(before);
  }

  @Test
  void a_client_that_says_nothing_is_left() throws Exception {
    try (InjectionWebhook impatient = start(Duration.ofMillis(200));
        Socket socket = trusting.getSocketFactory().createSocket()) {
      socket.connect(impatient.address());
      socket.setSoTimeout(10_000);
      OutputStream out = socket.getOutputStream();
      out.write(
          "POST /inject HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{"
              .getBytes(StandardCharsets.US_ASCII));
      out.flush();
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  private X509Certificate presented() throws Exception {
    try (SSLSocket socket = (SSLSocket) trusting.getSocketFactory().createSocket()) {
      socket.connect(webhook.address());
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  @Test
  void who_does_not_trust_the_mesh_is_not_served() {
    assertThatThrownBy(
            () -> {
              try (HttpClient stranger = HttpClient.newHttpClient()) {
                stranger.send(request("/inject", "{}"), BodyHandlers.discarding());
              }
            })
        .isInstanceOf(IOException.class);
  }

  private JsonNode ask(String path, String review) throws Exception {
    HttpResponse<String> answer = post(path, review);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonNode said = JSON.readTree(answer.body());
    assertThat(said.path("apiVersion").stringValue()).isEqualTo("admission.k8s.io/v1");
    assertThat(said.path("kind").stringValue()).isEqualTo("AdmissionReview");
    return said.path("response");
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    try (HttpClient http = HttpClient.newBuilder().sslContext(trusting).build()) {
      return http.send(request(path, body), BodyHandlers.ofString());
    }
  }

  private HttpRequest request(String path, String body) {
    return HttpRequest.newBuilder(
            URI.create("https://127.0.0.1:" + webhook.address().getPort() + path))
        .version(HttpClient.Version.HTTP_1_1)
        .POST(BodyPublishers.ofString(body))
        .build();
  }

  private static String update(String before, String after) {
    return """
    {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
     "request": {"uid": "u-1", "namespace": "shop", "operation": "UPDATE",
      "oldObject": %s, "object": %s}}
    """
        .formatted(before, after);
  }

  private static String review(String object, String operation, boolean dryRun) {
    return """
    {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
     "request": {"uid": "u-1", "namespace": "shop", "operation": "%s", "dryRun": %s, "object": %s}}
    """
        .formatted(operation, dryRun, object);
  }
}
