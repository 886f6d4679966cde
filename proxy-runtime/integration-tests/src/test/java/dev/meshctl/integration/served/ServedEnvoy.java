package dev.meshctl.integration.served;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.util.JsonFormat;
import dev.meshctl.model.testkit.Judges;
import dev.meshctl.model.testkit.TestIdentity;
import dev.meshctl.model.wire.NodeCodec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real Envoy that takes all it knows from a {@link SnapshotServer}. */
public final class ServedEnvoy implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final Path log;
  private final Path adminFile;

  /** How configuration comes. */
  public enum Dialect {
    DELTA_GRPC,
    GRPC
  }

  private ServedEnvoy(Process process, Path log, Path adminFile) {
    this.process = process;
    this.log = log;
    this.adminFile = adminFile;
  }

  /**
   * Starts one in {@code folder}, or the test that asks is skipped.
   *
   * @param name of its node
   * @param identity its own certificate, the secret {@code default}
   */
  public static ServedEnvoy start(
      Path folder, String name, Dialect dialect, SnapshotServer server, TestIdentity identity)
      throws IOException {
    Path own = Files.createDirectories(folder.resolve(name));
    identity.write(own);
    Path file = own.resolve("envoy.json");
    Files.writeString(file, bootstrap(name, dialect, server.port(), own));
    Path log = own.resolve("envoy.log");
    Path adminFile = own.resolve("admin");
    Process process =
        new ProcessBuilder(
                List.of(
                    Judges.envoy().toString(),
                    "-c",
                    file.toString(),
                    "--concurrency",
                    "1",
                    "--disable-hot-restart",
                    "--drain-time-s",
                    "1",
                    "--admin-address-path",
                    adminFile.toString(),
                    "--log-level",
                    "warning"))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    return new ServedEnvoy(process, log, adminFile);
  }

  private static String bootstrap(String name, Dialect dialect, int port, Path own)
      throws IOException {
    return """
    {
      "node": %s,
      "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}}},
      "dynamic_resources": {
        "ads_config": {"api_type": "%s", "transport_api_version": "V3",
          "grpc_services": [{"envoy_grpc": {"cluster_name": "meshctl"}}]},
        "cds_config": {"ads": {}, "resource_api_version": "V3"},
        "lds_config": {"ads": {}, "resource_api_version": "V3"}
      },
      "static_resources": {
        "secrets": [{"name": "default", "tls_certificate": {
          "certificate_chain": {"filename": "%s/cert.pem"},
          "private_key": {"filename": "%s/key.pem"}}}],
        "clusters": [{
          "name": "meshctl", "type": "STATIC", "connect_timeout": "3s",
          "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
              "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
              "explicit_http_config": {"http2_protocol_options": {}}
            }
          },
          "load_assignment": {"cluster_name": "meshctl", "endpoints": [{"lb_endpoints": [
            {"endpoint": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": %d}}}}
          ]}]}
        }]
      }
    }
    """
        .formatted(
            JsonFormat.printer().print(NodeCodec.encode(SnapshotServer.node(name))),
            dialect,
            own,
            own,
            port);
  }

  /** What it printed: warnings, and worse. */
  public String log() throws IOException {
    return Files.readString(log);
  }

  /** Where each of its listeners really listens, once all of {@code names} do. */
  public Map<String, InetSocketAddress> listeners(Set<String> names) {
    Map<String, InetSocketAddress> found = new TreeMap<>();
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .ignoreExceptions()
        .until(() -> {
          found.clear();
          for (JsonNode each :
              JSON.readTree(admin("/listeners?format=json")).path("listener_statuses")) {
            JsonNode socket = each.path("local_address").path("socket_address");
            found.put(
                each.path("name").asString(),
                new InetSocketAddress(
                    socket.path("address").asString(), socket.path("port_value").asInt()));
          }
          return found.keySet().containsAll(names);
        });
    return found;
  }

  /** Counters and gauges whose names match. */
  public Map<String, Long> stats(String regex) throws IOException, InterruptedException {
    Map<String, Long> stats = new TreeMap<>();
    admin("/stats?filter=" + URLEncoder.encode(regex, StandardCharsets.UTF_8))
        .lines()
        .map(line -> line.split(": ", 2))
        .filter(pair -> pair.length == 2 && pair[1].matches("\\d+"))
        .forEach(pair -> stats.put(pair[0], Long.valueOf(pair[1])));
    return stats;
  }

  private String admin(String path) throws IOException, InterruptedException {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> {
          if (!process.isAlive()) {
            throw new IOException("Envoy ended: " + log());
          }
          return Files.exists(adminFile) && Files.size(adminFile) > 0;
        });
    return http.send(
            HttpRequest.newBuilder(
                    URI.create("http://" + Files.readString(adminFile).strip() + path))
                .timeout(PATIENCE)
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Override
  public void close() throws InterruptedException {
    http.close();
    process.destroy();
    if (!process.waitFor(Duration.ofSeconds(10))) {
      process.destroyForcibly().waitFor();
    }
  }
}
