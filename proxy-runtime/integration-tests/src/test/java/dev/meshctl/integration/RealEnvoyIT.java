package dev.meshctl.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.meshctl.model.testkit.Judges;
import dev.meshctl.model.testkit.TestIdentity;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * A real Envoy takes its configuration from our control plane and stands beside our own gateway:
 * what one serves, the other serves.
 */
class RealEnvoyIT {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final String PARTNERS = "partners.bookshop.example";
  private static final int REQUESTS = 400;

  @TempDir static Path scratch;

  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private static final ObjectMapper JSON = new ObjectMapper();

  private static BookshopMesh mesh;
  private static Process envoy;
  private static String ours;
  private static String theirs;
  private static Path log;

  @BeforeAll
  static void start() throws IOException {
    Path binary = Judges.envoy();
    mesh = BookshopMesh.up(scratch);
    ours = URI.create(mesh.gateway()).getHost();
    theirs = ours.replaceAll("\\d+$", "200");
    Path files = scratch.resolve("envoy");
    CommandLine.Result bootstrap =
        mesh.cli()
            .run(Duration.ofSeconds(30), "proxy", "bootstrap", files.toString(), "--bind", theirs);
    assertThat(bootstrap.exitCode()).as(bootstrap.out() + bootstrap.err()).isZero();
    log = scratch.resolve("envoy.log");
    envoy =
        new ProcessBuilder(
                binary.toString(),
                "-c",
                files.resolve("envoy.json").toString(),
                "--use-dynamic-base-id",
                "--concurrency",
                "1",
                "--log-level",
                "warning")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    await()
        .atMost(SOON)
        .ignoreExceptions()
        .untilAsserted(
            () -> assertThat(review(theirs).statusCode()).as(Files.readString(log)).isEqualTo(200));
  }

  @AfterAll
  static void stop() throws InterruptedException {
    if (envoy != null) {
      envoy.destroy();
      if (!envoy.waitFor(10, TimeUnit.SECONDS)) {
        envoy.destroyForcibly();
      }
    }
    if (mesh != null) {
      mesh.close();
    }
    HTTP.close();
  }

  @Test
  void it_acknowledges_clusters_endpoints_listeners_and_routes() {
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          JsonNode proxy = statusOfEnvoy();
          assertThat(proxy.path("state").asString()).as(proxy.toString()).isEqualTo("SYNCED");
          Map<String, Integer> resources = new TreeMap<>();
          for (JsonNode type : proxy.path("types")) {
            assertThat(type.path("error").asString()).as(type.toString()).isEmpty();
            assertThat(type.path("ackedGeneration").asLong())
                .as(type.toString())
                .isEqualTo(type.path("sentGeneration").asLong());
            resources.put(type.path("type").asString(), type.path("resources").asInt());
          }
          assertThat(resources).containsKeys("CLUSTER", "ENDPOINTS", "LISTENER", "ROUTE");
          assertThat(resources.values()).allMatch(count -> count > 0);
        });
  }

  @Test
  void it_shows_the_certificate_that_ours_shows() throws Exception {
    TestIdentity identity = TestIdentity.create(Files.createDirectory(scratch.resolve("shop")));
    SecureShop.write(mesh, identity);
    SecureShop.open(mesh);
    SSLContext trusting = SecureShop.trusting(identity);
    for (String gateway : List.of(ours, theirs)) {
      await()
          .atMost(SOON)
          .ignoreExceptions()
          .untilAsserted(() ->
              assertThat(SecureShop.get(trusting, gateway))
                  .as(gateway)
                  .isEqualTo(SecureShop.certificate(identity)));
    }
  }

  @Test
  void it_names_no_field_that_it_does_not_know() throws Exception {
    assertThat(admin("/stats?filter=update_rejected").lines())
        .isNotEmpty()
        .allMatch(line -> line.endsWith(": 0"));
    assertThat(admin("/stats?filter=unknown_fields%7Cwip_protos%7Cdeprecated_feature_use").lines())
        .allMatch(line -> line.endsWith(": 0"));
  }

  @Test
  void it_shares_out_requests_as_our_own_gateway_does() throws Exception {
    assertThatBothShareOut(Map.of("v2", 0.8, "v3", 0.2));

    CommandLine.Result set =
        mesh.cli()
            .run(
                Duration.ofSeconds(60), "split", "set", PARTNERS, "reviews-v2=30", "reviews-v3=70");
    assertThat(set.exitCode()).as(set.out() + set.err()).isZero();

    assertThatBothShareOut(Map.of("v2", 0.3, "v3", 0.7));
  }

  @Test
  void it_answers_what_has_no_route_with_the_status_of_our_own_gateway() throws Exception {
    for (String path : new String[] {"/nowhere", "/reviewsX", "/reviews/1/"}) {
      assertThat(ask(theirs, 8081, PARTNERS, path).statusCode())
          .as(path)
          .isEqualTo(ask(ours, 8081, PARTNERS, path).statusCode());
    }
    assertThat(ask(theirs, 8081, "stranger.example", "/reviews/1").statusCode())
        .isEqualTo(ask(ours, 8081, "stranger.example", "/reviews/1").statusCode())
        .isEqualTo(404);
    assertThat(ask(theirs, 8080, theirs, "/books/1").statusCode()).isEqualTo(200);
  }

  /** Each gateway's shares lie within five standard deviations of what is desired. */
  private static void assertThatBothShareOut(Map<String, Double> desired) throws Exception {
    for (String gateway : new String[] {ours, theirs}) {
      Map<String, Integer> seen = new TreeMap<>();
      for (int i = 0; i < REQUESTS; i++) {
        HttpResponse<String> review = review(gateway);
        assertThat(review.statusCode()).as(review.body()).isEqualTo(200);
        String by = review.headers().firstValue("x-served-by").orElseThrow();
        seen.merge(by.replaceAll(".*(v\\d).*", "$1"), 1, Integer::sum);
      }
      assertThat(seen.keySet()).as(gateway).isEqualTo(new TreeSet<>(desired.keySet()));
      desired.forEach((version, share) -> {
        double deviation = Math.sqrt(share * (1 - share) / REQUESTS);
        assertThat(seen.getOrDefault(version, 0) / (double) REQUESTS)
            .as("%s of %s through %s", version, seen, gateway)
            .isCloseTo(share, within(5 * deviation));
      });
    }
  }

  private static JsonNode statusOfEnvoy() {
    CommandLine.Result status =
        mesh.cli().run(Duration.ofSeconds(20), "proxy", "status", "-o", "json");
    for (JsonNode proxy : JSON.readTree(status.out())) {
      if (proxy.path("id").asString().contains(theirs)) {
        return proxy;
      }
    }
    throw new AssertionError("no proxy at " + theirs + " in " + status.out());
  }

  private static HttpResponse<String> review(String gateway) throws Exception {
    return ask(gateway, 8081, PARTNERS, "/reviews/1");
  }

  private static HttpResponse<String> ask(String gateway, int port, String host, String path)
      throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://" + gateway + ":" + port + path))
            .header("Host", host)
            .timeout(Duration.ofSeconds(15))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static String admin(String path) throws Exception {
    return HTTP.send(
            HttpRequest.newBuilder(URI.create("http://" + theirs + ":15000" + path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
