package dev.meshctl.integration.served;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.testkit.TestIdentity;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.UpstreamTls;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.RouteMatch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Subset, route and TLS that change together take effect together: under load, over ADS, no request
 * fails. {@code -Dtransactional.changes=N} asks for more of them.
 */
// As long as its properties ask for.
@Timeout(value = 1, unit = TimeUnit.DAYS)
class TransactionalChangeIT {
  private static final int CHANGES = Integer.getInteger("transactional.changes", 100);
  private static final int CLIENTS = 4;
  private static final String OURS = "ours";

  @TempDir static Path folder;
  private static TestIdentity identity;
  private static HttpServer plain;
  private static HttpsServer encrypted;

  @BeforeAll
  static void startBackends() throws Exception {
    identity = TestIdentity.create(folder);
    plain = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    encrypted = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    encrypted.setHttpsConfigurator(new HttpsConfigurator(serverContext()));
    for (HttpServer each : List.of(plain, encrypted)) {
      each.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      each.createContext(
          "/",
          exchange -> {
            byte[] body = "here".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
          });
      each.start();
    }
  }

  private static SSLContext serverContext() throws Exception {
    char[] password = "test-only".toCharArray();
    KeyStore keys = KeyStore.getInstance(folder.resolve("identity.p12").toFile(), password);
    KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
    managers.init(keys, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  @AfterAll
  static void stopBackends() {
    plain.stop(0);
    encrypted.stop(0);
  }

  @Test
  void a_subset_a_route_and_tls_that_change_together_fail_no_request() throws Exception {
    try (SnapshotServer server = new SnapshotServer(identity.certificatePem());
        ServedProxy ours = ServedProxy.start(OURS, server);
        HttpClient http = HttpClient.newHttpClient()) {
      server.publish(snapshot(0));
      assertThat(server.settled(OURS).state()).isEqualTo(ProxyView.State.SYNCED);
      URI at =
          URI.create(
              "http://127.0.0.1:"
                  + Objects.requireNonNull(ours.listeners().get("front")).getPort()
                  + "/");
      Load load = new Load(http, at);
      List<Thread> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(Thread.ofVirtual().start(load::run));
      }
      for (int change = 1; change <= CHANGES; change++) {
        long before = load.answered.get();
        server.publish(snapshot(change));
        assertThat(server.settled(OURS).state())
            .as("change %s: %s", change, server.view(OURS))
            .isEqualTo(ProxyView.State.SYNCED);
        while (load.answered.get() < before + CLIENTS && load.failures.isEmpty()) {
          Thread.onSpinWait();
        }
      }
      load.ends = true;
      for (Thread client : clients) {
        client.join();
      }

      assertThat(load.failures).as("of %s requests", load.answered).isEmpty();
      assertThat(load.answered.get()).isGreaterThan((long) CHANGES * CLIENTS);
    }
  }

  /** Clients that ask again and again. */
  private static final class Load {
    private final HttpClient http;
    private final HttpRequest request;
    private final AtomicLong answered = new AtomicLong();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean ends;

    Load(HttpClient http, URI at) {
      this.http = http;
      this.request = HttpRequest.newBuilder(at).timeout(Duration.ofSeconds(10)).build();
    }

    void run() {
      while (!ends && failures.isEmpty()) {
        try {
          HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
          if (answer.statusCode() == 200) {
            answered.incrementAndGet();
          } else {
            failures.add(answer.statusCode() + " " + answer.body());
          }
        } catch (IOException | InterruptedException broken) {
          failures.add(broken.toString());
        }
      }
    }
  }

  /**
   * Change by change: the service's own cluster turns from plain text to TLS and back, its
   * endpoints with it; a subset goes and another comes, of the other kind; the route leads to both.
   */
  private static XdsSnapshot snapshot(int change) {
    boolean tls = change % 2 == 1;
    String subset = "reviews|s" + change;
    Map<String, XdsResource> clusters = new LinkedHashMap<>();
    clusters.put("reviews", cluster("reviews", tls));
    clusters.put(subset, cluster(subset, !tls));
    Map<String, XdsResource> endpoints = new LinkedHashMap<>();
    endpoints.put("reviews", endpoints("reviews", tls));
    endpoints.put(subset, endpoints(subset, !tls));
    RouteTableConfig.RouteAction.Forward usual = RouteTableConfig.RouteAction.Forward.to("reviews");
    RouteTableConfig.RouteAction split =
        new RouteTableConfig.RouteAction.Forward(
            List.of(
                new WeightedCluster("reviews", 50, Headers.NONE),
                new WeightedCluster(subset, 50, Headers.NONE)),
            usual.timeout(),
            Optional.empty(),
            usual.rewrite(),
            "",
            List.of(),
            Optional.empty());
    RouteTableConfig routes =
        new RouteTableConfig(
            "routes",
            List.of(
                new RouteTableConfig.VirtualHost(
                    "all",
                    List.of("*"),
                    List.of(
                        new RouteTableConfig.Route(
                            "split", RouteMatch.ANY, split, Headers.NONE)))));
    return new XdsSnapshot(
        Map.of(
            ResourceType.CLUSTER,
            clusters,
            ResourceType.ENDPOINTS,
            endpoints,
            ResourceType.ROUTE,
            Map.of("routes", routes),
            ResourceType.LISTENER,
            Map.of("front", FRONT)));
  }

  private static final ListenerConfig FRONT =
      new ListenerConfig(
          "front",
          ListenerConfig.Direction.OUTBOUND,
          new SocketEndpoint("127.0.0.1", 0),
          true,
          false,
          false,
          Duration.ZERO,
          List.of(
              new FilterChain(
                  "http",
                  FilterChain.ChainMatch.ANY,
                  Optional.empty(),
                  new NetworkFilter.HttpConnection(
                      "front",
                      NetworkFilter.Codec.AUTO,
                      new NetworkFilter.Routes.Named("routes"),
                      List.of(),
                      Duration.ZERO,
                      Duration.ZERO,
                      Duration.ZERO,
                      false,
                      NetworkFilter.ForwardClientCert.SANITIZE))),
          Optional.empty());

  private static ClusterConfig cluster(String name, boolean tls) {
    return new ClusterConfig(
        name,
        new ClusterConfig.Discovery.Eds(name),
        Duration.ofSeconds(5),
        ClusterConfig.LoadBalancing.ROUND_ROBIN,
        tls
            ? new Transport.Tls(
                new UpstreamTls(
                    "",
                    SecretConfig.TRUST_BUNDLE,
                    "localhost",
                    List.of(),
                    List.of("spiffe://cluster.local/ns/test/sa/test")))
            : new Transport.Plaintext(),
        ClusterConfig.UpstreamProtocol.HTTP1,
        ClusterConfig.CircuitBreakers.DEFAULT,
        Optional.empty(),
        ClusterConfig.ServiceRef.UNKNOWN);
  }

  private static LoadAssignment endpoints(String name, boolean tls) {
    HttpServer to = tls ? encrypted : plain;
    return new LoadAssignment(
        name,
        List.of(
            new LoadAssignment.LocalityEndpoints(
                LoadAssignment.Locality.NONE,
                0,
                0,
                List.of(
                    new LoadAssignment.Endpoint(
                        new SocketEndpoint("127.0.0.1", to.getAddress().getPort()),
                        LoadAssignment.Health.HEALTHY,
                        1,
                        false,
                        LoadAssignment.WorkloadRef.UNKNOWN)))));
  }
}
