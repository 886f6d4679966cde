package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.assignment;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.ClusterConfig.ServiceRef;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.Retry;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction.Forward;
import dev.meshctl.model.xds.RouteTableConfig.Steering;
import dev.meshctl.model.xds.SocketEndpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tries side by side, over real sockets. */
class HedgingTest {
  private static final int NEVER = Integer.MAX_VALUE;

  private final AtomicInteger arrived = new AtomicInteger();
  private final CountDownLatch release = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final DataPlane plane = DataPlane.start(settings("client", 1), Optional.empty());

  /** The first so many requests wait for {@link #release}. */
  private int patient = NEVER;

  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          int number = arrived.incrementAndGet();
          if (number <= patient) {
            try {
              release.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
          byte[] answer =
              (number + " " + new String(body, StandardCharsets.UTF_8))
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    release.countDown();
    client.close();
    plane.close();
    server.stop(0);
    threads.shutdownNow();
  }

  private void configure(int attempts, CircuitBreakers limits) {
    Forward plain = Forward.to("b");
    Forward hedging =
        new Forward(
                plain.clusters(),
                Duration.ofSeconds(20),
                Optional.of(new Retry(List.of("5xx"), attempts, Duration.ofMillis(40))),
                plain.rewrite(),
                "",
                List.of(),
                Optional.empty())
            .steeredBy(new Steering(false, false, true));
    SocketEndpoint at = new SocketEndpoint("127.0.0.1", server.getAddress().getPort());
    ClusterConfig cluster =
        new ClusterConfig(
            "b",
            new Discovery.Static(assignment("b", false, at)),
            Duration.ofSeconds(2),
            LoadBalancing.ROUND_ROBIN,
            new Transport.Plaintext(),
            UpstreamProtocol.HTTP1,
            limits,
            Optional.empty(),
            ServiceRef.UNKNOWN);
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
                    routes("out", route(hedging)),
                    cluster)))
        .isEmpty();
  }

  private CompletableFuture<HttpResponse<String>> post() {
    return client.sendAsync(
        HttpRequest.newBuilder(
                URI.create("http:/" + Objects.requireNonNull(plane.listenAddresses().get("out"))))
            .POST(HttpRequest.BodyPublishers.ofString("whole"))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void the_second_try_answers_while_the_first_still_waits() throws Exception {
    patient = 1;
    configure(1, CircuitBreakers.DEFAULT);

    assertThat(post().get().body()).isEqualTo("2 whole");
    assertThat(arrived.get()).isEqualTo(2);
  }

  @Test
  void the_first_try_may_still_answer_after_its_time() throws Exception {
    configure(1, CircuitBreakers.DEFAULT);
    CompletableFuture<HttpResponse<String>> answer = post();
    await().until(() -> arrived.get() == 2);
    release.countDown();

    assertThat(answer.get().statusCode()).isEqualTo(200);
    assertThat(arrived.get()).isEqualTo(2);
  }

  @Test
  void tries_side_by_side_keep_to_the_limit_of_retries() throws Exception {
    configure(5, new CircuitBreakers(100, 100, 100, 2));
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      answers.add(post());
    }
    // Four requests, and of their tries side by side two at a time.
    await().until(() -> arrived.get() == 6);
    await().during(Duration.ofMillis(200)).until(() -> arrived.get() == 6);
    release.countDown();

    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      assertThat(answer.get().statusCode()).isEqualTo(200);
    }
  }
}
