package dev.meshctl.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.meshctl.cluster.ApiCatalogue.ApiResource;
import dev.meshctl.cluster.ClusterAccess.Kubeconfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server whose first watch expires, as one does whose past has been compacted (HTTP 410, {@code
 * Expired}): which cannot be had of a real one at will.
 */
class ExpiredWatchTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path folder;

  private final AtomicInteger lists = new AtomicInteger();
  private final AtomicInteger watches = new AtomicInteger();
  private final CountDownLatch end = new CountDownLatch(1);
  private final List<String> told = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private ClusterConnection connection;

  @BeforeEach
  void start() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
    Path kubeconfig =
        Files.writeString(
            folder.resolve("config"),
            """
            apiVersion: v1
            kind: Config
            current-context: fake
            clusters: [{name: fake, cluster: {server: "http://127.0.0.1:%d"}}]
            contexts: [{name: fake, context: {cluster: fake, user: fake}}]
            users: [{name: fake, user: {token: none}}]
            """
                .formatted(server.getAddress().getPort()));
    connection =
        ClusterConnection.open(
            new Kubeconfig(Optional.of(kubeconfig), Optional.empty()), Map.of(), folder);
  }

  @AfterEach
  void stop() {
    end.countDown();
    connection.close();
    server.stop(0);
  }

  @Test
  void what_happened_in_the_gap_is_told_after_it_and_nothing_twice() {
    ApiResource resource = new ApiResource(new ObjectKind("v1", "ConfigMap"), "configmaps", true);
    try (KindWatch watch =
        KindWatch.start(
            connection.client(),
            new KindWatch.Selection(resource, Optional.empty(), "", ""),
            new KindWatch.Listener() {
              @Override
              public void present(ClusterObject object) {
                told.add("+" + object.name() + "@" + object.resourceVersion());
              }

              @Override
              public void absent(ClusterObject object) {
                told.add("-" + object.name());
              }

              @Override
              public void complete() {
                told.add("complete");
              }
            })) {
      await().atMost(SOON).until(() -> told.stream().filter("complete"::equals).count() == 2);

      assertThat(told)
          .containsExactlyInAnyOrder(
              "+changes@1",
              "+goes@2",
              "+stays@3",
              "complete",
              "+changes@11",
              "+comes@12",
              "-goes",
              "complete");
      assertThat(told.getLast()).isEqualTo("complete");
      assertThat(watch.end()).isEmpty();
      assertThat(watch.synced()).isTrue();
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String query = String.valueOf(exchange.getRequestURI().getQuery());
      if (!query.contains("watch=true")) {
        String items =
            lists.getAndIncrement() == 0
                ? item("changes", 1) + "," + item("goes", 2) + "," + item("stays", 3)
                : item("changes", 11) + "," + item("comes", 12) + "," + item("stays", 3);
        int version = lists.get() * 10;
        send(
            exchange,
            """
            {"kind":"ConfigMapList","apiVersion":"v1",
             "metadata":{"resourceVersion":"%d"},"items":[%s]}
            """
                .formatted(version, items));
      } else if (exchange.getRequestHeaders().containsKey("Sec-WebSocket-Key")) {
        // No web sockets here: the client asks again without.
        exchange.sendResponseHeaders(503, -1);
      } else if (watches.getAndIncrement() == 0) {
        send(
            exchange,
            """
            {"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure",\
            "reason":"Expired","code":410,"message":"too old resource version"}}
            """);
      } else {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().flush();
        end.await();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private static String item(String name, int version) {
    return "{\"metadata\":{\"name\":\"%s\",\"namespace\":\"n\",\"resourceVersion\":\"%d\"}}"
        .formatted(name, version);
  }

  private static void send(HttpExchange exchange, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }
}
