package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.cluster;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.AdaptiveConcurrency;
import dev.meshctl.model.xds.AdaptiveConcurrency.MinRtt;
import dev.meshctl.model.xds.AdmissionControl;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.NetworkFilter.HttpFilter;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.SocketEndpoint;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Adaptive concurrency and admission control, over real sockets. */
class SheddingTest {
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final DataPlane plane;

  SheddingTest() {
    DataPlane.Settings base = settings("client", 1);
    plane =
        DataPlane.start(
            new DataPlane.Settings(
                base.node(), 1, Optional.of(ANY_PORT), Optional.empty(), "", base.drainDeadline()),
            Optional.empty());
  }

  @AfterEach
  void close() {
    plane.close();
    client.close();
  }

  private void configure(SocketEndpoint backend, HttpFilter filter) {
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener(
                        "in",
                        Direction.INBOUND,
                        ANY_PORT,
                        plain(http("r").withFilters(List.of(filter)))),
                    routes("r", route(RouteAction.Forward.to("b"))),
                    cluster("b", backend))))
        .isEmpty();
  }

  private HttpRequest request(String path) {
    InetSocketAddress at = Objects.requireNonNull(plane.listenAddresses().get("in"));
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + at.getPort() + path)).build();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path), HttpResponse.BodyHandlers.ofString());
  }

  private String stats() throws Exception {
    InetSocketAddress at = plane.adminAddress().orElseThrow();
    return client
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + at.getPort() + "/stats"))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static HttpFilter adaptive(int most) {
    return new HttpFilter.Concurrency(
        "envoy.filters.http.adaptive_concurrency",
        new AdaptiveConcurrency(
            true,
            503,
            50,
            most,
            Duration.ofMillis(100),
            new MinRtt(Duration.ZERO, Duration.ofMillis(50), 10, 0, 1, 25)));
  }

  @Test
  void one_request_too_many_is_refused_while_the_others_wait() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(1);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          asked.countDown();
          try {
            answer.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
    try {
      configure(new SocketEndpoint("127.0.0.1", server.getAddress().getPort()), adaptive(1));
      CompletableFuture<HttpResponse<String>> first =
          client.sendAsync(request("/"), HttpResponse.BodyHandlers.ofString());
      asked.await();

      HttpResponse<String> second = get("/");

      assertThat(second.statusCode()).isEqualTo(503);
      assertThat(second.body()).isEqualTo("reached concurrency limit");
      answer.countDown();
      assertThat(first.get().statusCode()).isEqualTo(204);
      Awaitility.await().untilAsserted(() -> assertThat(get("/").statusCode()).isEqualTo(204));
      assertThat(stats())
          .contains("http.http.adaptive_concurrency.gradient_controller.rq_blocked: 1\n")
          .contains("http.http.adaptive_concurrency.gradient_controller.concurrency_limit: 1\n")
          .contains("http.http.adaptive_concurrency.gradient_controller.rq_outstanding: 0\n");
    } finally {
      answer.countDown();
      server.stop(0);
      threads.shutdownNow();
    }
  }

  @Test
  void the_more_requests_have_failed_the_fewer_are_let_through() throws Exception {
    AdmissionControl settings =
        new AdmissionControl(true, List.of(), List.of(), Duration.ofSeconds(30), 1, 95, 0, 80);
    try (Backend backend = new Backend("b")) {
      configure(
          backend.address(),
          new HttpFilter.Admission("envoy.filters.http.admission_control", settings));
      for (int i = 0; i < 20; i++) {
        assertThat(get("/status/200").statusCode()).isEqualTo(200);
      }
      assertThat(backend.requests()).isEqualTo(20);

      int refused = 0;
      for (int i = 0; i < 200; i++) {
        refused += get("/status/500").statusCode() == 503 ? 1 : 0;
      }

      assertThat(refused).isBetween(20, 190);
      assertThat(backend.requests()).isEqualTo(220 - refused);
      assertThat(stats())
          .contains("http.http.admission_control.rq_rejected: " + refused + "\n")
          .contains("http.http.admission_control.rq_success: 20\n")
          .contains("http.http.admission_control.rq_failure: " + (200 - refused) + "\n");

      // The same filters in a new configuration know what they have seen.
      configure(
          backend.address(),
          new HttpFilter.Admission("envoy.filters.http.admission_control", settings));
      assertThat(stats()).contains("http.http.admission_control.rq_success: 20\n");
    }
  }
}
