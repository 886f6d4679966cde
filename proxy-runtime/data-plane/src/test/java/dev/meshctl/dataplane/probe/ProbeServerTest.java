package dev.meshctl.dataplane.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.meshctl.dataplane.GrpcHealth;
import dev.meshctl.dataplane.probe.AppProbe.Action;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.net.loop.Loops;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProbeServerTest {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private Loops loops;
  private HttpServer workload;
  private String seen = "";

  @BeforeEach
  void start() throws IOException {
    loops = Loops.start(1, "control");
    workload = HttpServer.create(new InetSocketAddress(LOOPBACK, 0), 0);
    workload.createContext("/", this::answer);
    workload.start();
  }

  @AfterEach
  void stop() {
    workload.stop(0);
    loops.close();
  }

  private void answer(HttpExchange exchange) throws IOException {
    seen =
        exchange.getRequestURI()
            + " "
            + exchange.getRequestHeaders().getFirst("Host")
            + " "
            + exchange.getRequestHeaders().getFirst("X-Key");
    String path = exchange.getRequestURI().getPath();
    switch (path) {
      case "/here" -> exchange.getResponseHeaders().set("Location", "/ill");
      case "/elsewhere" -> exchange.getResponseHeaders().set("Location", "http://other.example/");
      case "/round" -> exchange.getResponseHeaders().set("Location", "/round");
      default -> {}
    }
    int status =
        switch (path) {
          case "/here", "/elsewhere", "/round" -> 302;
          case "/ill" -> 500;
          default -> 204;
        };
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  @Test
  void an_http_probe_is_told_the_workloads_own_status() throws Exception {
    int port = workload.getAddress().getPort();

    assertThat(ask(http(port, "/well?deep=1"))).isEqualTo(204);
    assertThat(seen).isEqualTo("/well?deep=1 127.0.0.1:" + port + " null");
    assertThat(ask(http(port, "/ill"))).isEqualTo(500);
  }

  @Test
  void headers_of_an_http_probe_are_sent_and_host_replaces_the_usual_one() throws Exception {
    int port = workload.getAddress().getPort();
    List<AppProbe.Header> headers =
        List.of(new AppProbe.Header("Host", "web.example"), new AppProbe.Header("X-Key", "k"));

    assertThat(ask(probe(port, new Action.Http(false, "/", headers)))).isEqualTo(204);
    assertThat(seen).isEqualTo("/ web.example k");
  }

  @Test
  void redirects_are_followed_as_a_kubelet_follows_them() throws Exception {
    int port = workload.getAddress().getPort();

    assertThat(ask(http(port, "/here"))).as("to the workload itself").isEqualTo(500);
    assertThat(ask(http(port, "/elsewhere"))).as("to another host").isEqualTo(200);
    assertThat(ask(http(port, "/round"))).as("without end").isEqualTo(302);
  }

  @Test
  void a_workload_that_cannot_be_reached_or_says_nothing_is_not_well() throws Exception {
    int closed;
    try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
      closed = server.getLocalPort();
      AppProbe silent =
          new AppProbe(
              "/p", closed, new Action.Http(false, "/", List.of()), Duration.ofMillis(200));
      assertThat(ask(silent)).isEqualTo(504);
      assertThat(ask(probe(closed, new Action.Tcp()))).as("it listens").isEqualTo(200);
    }
    assertThat(ask(http(closed, "/"))).isEqualTo(503);
    assertThat(ask(probe(closed, new Action.Tcp()))).isEqualTo(503);
    assertThat(ask(probe(closed, new Action.Grpc("")))).isEqualTo(503);
  }

  @Test
  void a_grpc_probe_asks_the_standard_service() throws Exception {
    AtomicInteger answer = new AtomicInteger(1);
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(LOOPBACK, 0))
            .addService(GrpcHealth.service(answer))
            .build()
            .start();
    try {
      assertThat(ask(probe(server.getPort(), new Action.Grpc("shop")))).isEqualTo(200);
      assertThat(ask(probe(server.getPort(), new Action.Grpc("unknown")))).isEqualTo(503);
      answer.set(2);
      assertThat(ask(probe(server.getPort(), new Action.Grpc("shop")))).isEqualTo(503);
    } finally {
      server.shutdownNow();
    }
  }

  @Test
  void paths_without_a_probe_are_not_found() throws Exception {
    AppProbe probe = http(workload.getAddress().getPort(), "/");
    try (ProbeServer server = server(probe)) {
      assertThat(status(server, "/app-health/web/readyz")).isEqualTo(404);
      assertThat(status(server, "/")).isEqualTo(404);
      assertThat(status(server, "/p")).isEqualTo(204);
    }
  }

  private static AppProbe http(int port, String target) {
    return probe(port, new Action.Http(false, target, List.of()));
  }

  private static AppProbe probe(int port, Action action) {
    return new AppProbe("/p", port, action, PATIENCE);
  }

  private ProbeServer server(AppProbe probe) throws IOException {
    return ProbeServer.start(loops, new SocketEndpoint("127.0.0.1", 0), LOOPBACK, List.of(probe));
  }

  private int ask(AppProbe probe) throws IOException, InterruptedException {
    try (ProbeServer server = server(probe)) {
      return status(server, "/p");
    }
  }

  private static int status(ProbeServer server, String path)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding())
          .statusCode();
    }
  }
}
