package dev.meshctl.integration.soak;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.meshctl.integration.judges.ProxyProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A steady load while upstreams die and return, routes change twice a second and clients reset
 * their connections. {@code -Dsoak.seconds}, {@code -Dsoak.seed} and {@code -Dsoak.json} (a file)
 * choose; {@code long/soak} is the long form.
 */
class SoakIT {
  private static final int UPSTREAMS = 3;
  private static final int CLIENTS = 16;
  private static final Duration PACE = Duration.ofMillis(20);
  private static final int SETTLING_SECONDS = 5;

  /** Slack of descriptors: pools and clients that are about to be let go. */
  private static final int DESCRIPTOR_SLACK = 64;

  private static final long HEAP_SLACK_KIB = 8 << 10;

  @TempDir Path folder = Path.of("");

  private final AtomicLong sent = new AtomicLong();
  private final Map<String, AtomicLong> failed = new ConcurrentHashMap<>();
  private volatile boolean over;

  @Test
  void nothing_leaks_and_no_request_fails_that_a_retry_should_have_saved() throws Exception {
    long seconds = Long.getLong("soak.seconds", 25);
    long seed = Long.getLong("soak.seed", 20261124L);
    List<Upstream> upstreams = new ArrayList<>();
    for (int i = 0; i < UPSTREAMS; i++) {
      upstreams.add(new Upstream(ProxyProcess.freePort()));
    }
    Path routes = folder.resolve("routes.yaml");
    Files.writeString(routes, ROUTES.formatted(0));
    ProcessFigures before;
    ProcessFigures after;
    List<Long> rss = new ArrayList<>();
    try (ProxyProcess proxy = ProxyProcess.ours(folder, "soak", bootstrap(upstreams, routes));
        ScheduledExecutorService faults = Executors.newSingleThreadScheduledExecutor()) {
      List<Thread> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(Thread.ofVirtual().start(() -> ask(proxy.port())));
      }
      TimeUnit.SECONDS.sleep(SETTLING_SECONDS);
      before = ProcessFigures.settled(proxy.pid());
      Random dice = new Random(seed);
      AtomicLong version = new AtomicLong();
      faults.scheduleWithFixedDelay(
          () -> push(routes, version.incrementAndGet()), 0, 500, TimeUnit.MILLISECONDS);
      faults.scheduleWithFixedDelay(
          () -> upstreams.get(dice.nextInt(UPSTREAMS)).dieForAMoment(),
          300,
          900,
          TimeUnit.MILLISECONDS);
      faults.scheduleWithFixedDelay(
          () -> reset(proxy.port(), dice.nextInt(60)), 100, 150, TimeUnit.MILLISECONDS);
      for (long i = 0; i < seconds; i++) {
        TimeUnit.SECONDS.sleep(1);
        rss.add(ProcessFigures.rss(proxy.pid()));
      }
      faults.shutdown();
      assertThat(faults.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
      TimeUnit.SECONDS.sleep(2);
      after = ProcessFigures.settled(proxy.pid());
      over = true;
      for (Thread each : clients) {
        each.join();
      }
    } finally {
      upstreams.forEach(Upstream::stop);
    }
    String report = report(seconds, seed, before, after, slopeKibPerMinute(rss));
    System.out.println("soak: " + report);
    String json = System.getProperty("soak.json");
    if (json != null) {
      Files.writeString(Path.of(json), report + "\n");
    }

    assertThat(failed).isEmpty();
    assertThat(sent.get()).isGreaterThan(seconds * 100);
    assertThat(after.descriptors()).isLessThan(before.descriptors() + DESCRIPTOR_SLACK);
    assertThat(after.heapKib()).isLessThan(before.heapKib() + HEAP_SLACK_KIB);
    if (seconds >= 300) {
      assertThat(slopeKibPerMinute(rss)).isLessThan(1024);
    }
  }

  private String report(
      long seconds, long seed, ProcessFigures before, ProcessFigures after, double slope) {
    return """
    {"seconds": %d, "seed": %d, "requests": %d, "failed": %d, "rssKibBefore": %d, \
    "rssKibAfter": %d, "rssSlopeKibPerMinute": %.1f, "descriptorsBefore": %d, \
    "descriptorsAfter": %d, "heapKibBefore": %d, "heapKibAfter": %d, "failures": "%s"}\
    """
        .formatted(
            seconds,
            seed,
            sent.get(),
            failed.values().stream().mapToLong(AtomicLong::get).sum(),
            before.rssKib(),
            after.rssKib(),
            slope,
            before.descriptors(),
            after.descriptors(),
            before.heapKib(),
            after.heapKib(),
            failed.toString().replace('"', '\''));
  }

  /** Of the second half, by least squares. */
  private static double slopeKibPerMinute(List<Long> samples) {
    List<Long> late = samples.subList(samples.size() / 2, samples.size());
    double meanX = (late.size() - 1) / 2.0;
    double meanY = late.stream().mapToLong(Long::longValue).average().orElse(0);
    double above = 0;
    double below = 0;
    for (int i = 0; i < late.size(); i++) {
      above += (i - meanX) * (late.get(i) - meanY);
      below += (i - meanX) * (i - meanX);
    }
    return below == 0 ? 0 : above / below * 60;
  }

  private void ask(int port) {
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/soak"))
              .timeout(Duration.ofSeconds(20))
              .build();
      while (!over) {
        try {
          HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
          if (answer.statusCode() != 200) {
            failure("status " + answer.statusCode() + " " + answer.body());
          }
        } catch (IOException e) {
          failure(String.valueOf(e));
        }
        sent.incrementAndGet();
        Thread.sleep(PACE);
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  private void failure(String what) {
    failed.computeIfAbsent(what, k -> new AtomicLong()).incrementAndGet();
  }

  private static void push(Path routes, long version) {
    try {
      Path next = routes.resolveSibling("next.yaml");
      Files.writeString(next, ROUTES.formatted(version));
      Files.move(next, routes, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A client that goes in the midst of a request, or while it is answered. */
  private static void reset(int port, int bytes) {
    byte[] request =
        "GET /reset HTTP/1.1\r\nhost: soak\r\nx-more: 0123456789\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII);
    try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
      socket.setSoLinger(true, 0);
      socket.getOutputStream().write(request, 0, Math.min(bytes, request.length));
    } catch (IOException reset) {
      // As meant.
    }
  }

  private static String bootstrap(List<Upstream> upstreams, Path routes) {
    StringBuilder endpoints = new StringBuilder();
    upstreams.forEach(each ->
        endpoints.append(
            "{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: "
                + each.port
                + "}}}}, "));
    return """
    static_resources:
      listeners:
      - name: soak
        address: {socket_address: {address: 127.0.0.1, port_value: %s}}
        filter_chains:
        - filters:
          - name: envoy.filters.network.http_connection_manager
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: soak
              rds: {route_config_name: soak, config_source: {path_config_source: {path: %s}}}
              http_filters:
              - name: envoy.filters.http.router
                typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
      clusters:
      - name: up
        type: STATIC
        connect_timeout: 1s
        # By default three retries at a time: fewer than the clients that lose a host at once.
        circuit_breakers: {thresholds: [{max_retries: 1000}]}
        load_assignment: {cluster_name: up, endpoints: [{lb_endpoints: [%s]}]}
    """
        .formatted(ProxyProcess.PORT, routes, endpoints);
  }

  private static final String ROUTES =
      """
      resources:
      - "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
        name: soak
        virtual_hosts:
        - name: all
          domains: ["*"]
          routes:
          - match: {prefix: /}
            request_headers_to_add: [{header: {key: x-version, value: v%d}}]
            route:
              cluster: up
              timeout: 15s
              retry_policy:
                retry_on: connect-failure,refused-stream,reset,5xx
                num_retries: 5
                retry_back_off: {base_interval: 0.02s, max_interval: 0.2s}
                retry_host_predicate:
                - name: envoy.retry_host_predicates.previous_hosts
                  typed_config: {"@type": type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate}
                host_selection_retry_max_attempts: 3
      """;

  /** Answers, until it dies. */
  private static final class Upstream {
    private static final byte[] BODY = "x".repeat(1024).getBytes(StandardCharsets.US_ASCII);
    final int port;
    private HttpServer server;

    Upstream(int port) throws IOException {
      this.port = port;
      this.server = start();
    }

    private HttpServer start() throws IOException {
      HttpServer begun =
          HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 128);
      begun.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      begun.createContext(
          "/",
          exchange -> {
            exchange.sendResponseHeaders(200, BODY.length);
            exchange.getResponseBody().write(BODY);
            exchange.close();
          });
      begun.start();
      return begun;
    }

    void dieForAMoment() {
      try {
        server.stop(0);
        TimeUnit.MILLISECONDS.sleep(250);
        server = start();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    void stop() {
      server.stop(0);
    }
  }
}
