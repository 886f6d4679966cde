package dev.meshctl.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.meshctl.model.testkit.Judges;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The admin paths of ours and of a real Envoy, which run the same file and had the same requests.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AdminAgainstEnvoyTest {
  private static final PrintStream NOWHERE = new PrintStream(OutputStream.nullOutputStream());

  /** Envoy's keys that we leave out, by their place. */
  private static final Set<String> LEFT_OUT =
      Set.of(
          "/server_info hot_restart_initializing",
          "/server_info command_line_options.*",
          "/server_info node.user_agent_name",
          "/server_info node.user_agent_build_version",
          "/server_info node.extensions",
          "/server_info node.client_features",
          "/server_info node.listening_addresses",
          "/server_info node.dynamic_parameters",
          "/clusters?format=json cluster_statuses[].host_statuses[].hostname",
          "BootstrapConfigDump bootstrap.static_resources",
          "BootstrapConfigDump bootstrap.node.user_agent_name",
          "BootstrapConfigDump bootstrap.node.user_agent_build_version",
          "BootstrapConfigDump bootstrap.node.extensions",
          // A limit that is ours without being set is not written.
          "ListenersConfigDump static_listeners[].listener.filter_chains[].filters[].typed_config"
              + ".http2_protocol_options",
          // Not among the settings as we hold them: addresses of either family are used.
          "ClustersConfigDump static_clusters[].cluster.dns_lookup_family",
          "EndpointsConfigDump static_endpoint_configs[].endpoint_config.policy",
          "EndpointsConfigDump static_endpoint_configs[].endpoint_config.endpoints[].lb_endpoints[]"
              + ".endpoint.health_check_config",
          "EndpointsConfigDump static_endpoint_configs[].endpoint_config.endpoints[].lb_endpoints[]"
              + ".endpoint.hostname",
          "EndpointsConfigDump static_endpoint_configs[].endpoint_config.endpoints[].lb_endpoints[]"
              + ".metadata",
          "EndpointsConfigDump static_endpoint_configs[].endpoint_config.endpoints[]"
              + ".load_balancing_weight",
          "EndpointsConfigDump static_endpoint_configs[].endpoint_config.endpoints[].locality");

  /** Ours alone. */
  private static final Pattern OWN_STATS =
      Pattern.compile(
          "access_log\\.dropped|dns_.*_total|rbac\\..*|http\\.[a-z_]+\\.rbac\\..*"
              + "|server\\.memory_buffers_.*|overload\\.envoy\\..*");

  private Path folder = Path.of("");
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<AutoCloseable> undo = new ArrayList<>();
  private int envoy;
  private int ours;

  @BeforeAll
  void startBoth(@TempDir Path temporary) throws Exception {
    folder = temporary;
    Path judge = Judges.envoy();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(
              exchange.getRequestURI().getPath().endsWith("bad") ? 500 : 200, -1);
          exchange.close();
        });
    server.start();
    undo.add(() -> server.stop(0));
    int upstream = server.getAddress().getPort();
    int envoyPort = RealEnvoy.freePort();
    envoy = RealEnvoy.freePort();
    Path envoyFile = write("envoy.yaml", envoyPort, upstream, envoy);
    undo.add(RealEnvoy.start(judge, envoyFile, folder.resolve("envoy.log"), envoyPort));
    int ourPort = RealEnvoy.freePort();
    ours = RealEnvoy.freePort();
    undo.add(
        StandaloneProxy.start(
            new StandaloneArguments(write("ours.yaml", ourPort, upstream, ours), false, 1, false),
            NOWHERE));
    for (int port : new int[] {envoyPort, ourPort}) {
      for (String path :
          List.of("/service/1/a", "/service/2", "/service/2/bad", "/health", "/nowhere", "/old")) {
        send("GET", port, path);
      }
    }
  }

  @AfterAll
  void endBoth() throws Exception {
    for (AutoCloseable each : undo.reversed()) {
      each.close();
    }
    client.close();
  }

  private Path write(String name, int port, int upstream, int admin) throws IOException {
    try (var in = AdminAgainstEnvoyTest.class.getResourceAsStream("/standalone/front-proxy.yaml")) {
      if (in == null) {
        throw new IOException("no sample");
      }
      String text =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
                  .replace("@PORT@", Integer.toString(port))
                  .replace("@UPSTREAM@", Integer.toString(upstream))
              + "\nadmin: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}\n"
                  .formatted(admin);
      return Files.writeString(folder.resolve(name), text);
    }
  }

  private HttpResponse<String> send(String method, int port, String path)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private String text(int port, String path) throws Exception {
    return send("GET", port, path).body();
  }

  private JsonNode json(int port, String path) throws Exception {
    return JsonMapper.shared().readTree(text(port, path));
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /help",
    "GET, /ready",
    "HEAD, /ready",
    "POST, /ready",
    "GET, /server_info",
    "GET, /stats",
    "HEAD, /stats",
    "POST, /stats",
    "GET, /stats?format=json",
    "GET, /stats?filter=first&usedonly",
    "GET, /stats/prometheus",
    "GET, /clusters",
    "GET, /clusters?format=json",
    "GET, /listeners",
    "GET, /listeners?format=json",
    "GET, /certs",
    "GET, /config_dump",
    "GET, /config_dump?include_eds",
    "GET, /config_dump?resource=static_clusters",
    "GET, /config_dump?resource=static_clusters&mask=cluster.name",
    "GET, /config_dump?resource=nonsense",
    "GET, /config_dump?resource=static_endpoint_configs",
    "GET, /config_dump?mask=bootstrap",
    "GET, /config_dump?mask=nonsense",
    "GET, /config_dump?name_regex=first",
    "GET, /logging",
    "POST, /logging",
    "POST, /logging?level=warning",
    "POST, /logging?level=loud",
    "POST, /logging?paths=nobody.knows:debug",
    "GET, /drain_listeners",
    "GET, /quitquitquit",
    "GET, /nonsense",
    "POST, /nonsense"
  })
  void status_and_content_type_are_envoys(String method, String path) throws Exception {
    HttpResponse<String> theirs = send(method, envoy, path);
    HttpResponse<String> own = send(method, ours, path);

    assertThat(own.statusCode()).isEqualTo(theirs.statusCode());
    assertThat(mediaType(own)).isEqualTo(mediaType(theirs));
  }

  private static String mediaType(HttpResponse<String> response) {
    String type = response.headers().firstValue("content-type").orElse("");
    return type.contains(";") ? type.substring(0, type.indexOf(';')) : type;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/server_info", "/clusters?format=json", "/listeners?format=json", "/certs"})
  void json_has_envoys_keys_and_types(String path) throws Exception {
    List<String> differences = new ArrayList<>();
    compare(path + " ", json(ours, path), json(envoy, path), true, differences);

    assertThat(differences).isEmpty();
  }

  @Test
  void the_dump_of_the_configuration_has_envoys_keys_and_types() throws Exception {
    Map<String, JsonNode> own = dumps(json(ours, "/config_dump?include_eds"));
    Map<String, JsonNode> theirs = dumps(json(envoy, "/config_dump?include_eds"));

    assertThat(own.keySet()).containsExactlyElementsOf(theirs.keySet());
    List<String> differences = new ArrayList<>();
    // We write out what Envoy has by default.
    theirs.forEach((type, dump) -> {
      JsonNode mine = own.get(type);
      if (mine != null) {
        compare(type + " ", mine, dump, false, differences);
      }
    });
    assertThat(differences).isEmpty();
  }

  private static Map<String, JsonNode> dumps(JsonNode dump) {
    Map<String, JsonNode> byType = new LinkedHashMap<>();
    dump.get("configs")
        .forEach(
            each -> byType.put(each.get("@type").stringValue().replaceFirst(".*\\.", ""), each));
    return byType;
  }

  private static void compare(
      String path, JsonNode own, JsonNode theirs, boolean noMore, List<String> differences) {
    if (own.getNodeType() != theirs.getNodeType()) {
      differences.add(path + ": " + own.getNodeType() + " (Envoy: " + theirs.getNodeType() + ")");
    } else if (theirs.isObject()) {
      String parent = path.endsWith(" ") ? path : path + ".";
      theirs
          .properties()
          .forEach(each -> {
            String place = parent + each.getKey();
            JsonNode value = own.get(each.getKey());
            if (value != null) {
              compare(place, value, each.getValue(), noMore, differences);
            } else if (!LEFT_OUT.contains(place)
                && !LEFT_OUT.contains(parent + "*")
                && !isDefault(each.getValue())) {
              differences.add(place + " is missing");
            }
          });
      if (noMore) {
        own.propertyNames().stream()
            .filter(name -> !theirs.has(name) && !name.equals("metadata"))
            .forEach(name -> differences.add(parent + name + " is not Envoy's"));
      }
    } else if (theirs.isArray() && !own.isEmpty() && !theirs.isEmpty()) {
      compare(path + "[]", own.get(0), theirs.get(0), noMore, differences);
    }
  }

  /** What proto3 need not say. */
  private static boolean isDefault(JsonNode value) {
    return value.isNumber() && value.asDouble() == 0 || value.isEmpty() && value.isContainer();
  }

  @Test
  void the_lines_on_clusters_are_envoys() throws Exception {
    String pattern = ":\\d+::";
    Set<String> theirs = new TreeSet<>();
    text(envoy, "/clusters")
        .lines()
        .map(l -> l.replaceAll(pattern, ":PORT::"))
        .forEach(theirs::add);
    Set<String> own = new TreeSet<>();
    text(ours, "/clusters").lines().map(l -> l.replaceAll(pattern, ":PORT::")).forEach(own::add);

    // A name that was resolved is not kept.
    theirs.remove("first::127.0.0.1:PORT::hostname::127.0.0.1");
    own.remove("first::127.0.0.1:PORT::hostname::");
    // Envoy closed what the upstream told to close; when is a matter of time.
    theirs.removeIf(line -> line.contains("::cx_"));
    own.removeIf(line -> line.contains("::cx_"));
    assertThat(own).isEqualTo(theirs);
  }

  @Test
  void the_lines_on_listeners_are_envoys() throws Exception {
    assertThat(text(ours, "/listeners")).matches("front::127\\.0\\.0\\.1:\\d+\n");
    assertThat(text(envoy, "/listeners")).matches("front::127\\.0\\.0\\.1:\\d+\n");
  }

  private static final Pattern STAT = Pattern.compile("([^:]+(?::[^ ][^:]*)*): (.*)");

  private Map<String, String> stats(int port) throws Exception {
    Map<String, String> stats = new TreeMap<>();
    text(port, "/stats")
        .lines()
        .forEach(line -> {
          Matcher stat = STAT.matcher(line);
          assertThat(stat.matches()).as(line).isTrue();
          stats.put(stat.group(1).replaceAll("127\\.0\\.0\\.1_\\d+", "ADDRESS"), stat.group(2));
        });
    return stats;
  }

  @Test
  void statistics_have_envoys_names_and_counters_its_values() throws Exception {
    Map<String, String> own = stats(ours);
    Map<String, String> theirs = stats(envoy);

    Set<String> unknown = new TreeSet<>(own.keySet());
    unknown.removeAll(theirs.keySet());
    unknown.removeIf(name -> OWN_STATS.matcher(name).matches());
    // Envoy has those of checks and ejections where a cluster asks for them.
    unknown.removeIf(
        name -> name.contains(".outlier_detection.") || name.contains(".health_check."));
    assertThat(unknown).isEmpty();
    for (String name :
        List.of(
            "http.ingress_http.downstream_rq_total",
            "http.ingress_http.downstream_rq_2xx",
            "http.ingress_http.downstream_rq_3xx",
            "http.ingress_http.downstream_rq_4xx",
            "http.ingress_http.downstream_rq_5xx",
            "http.ingress_http.downstream_rq_completed",
            "http.ingress_http.downstream_rq_active",
            "http.ingress_http.no_route",
            "cluster.first.upstream_rq_2xx",
            "cluster.second.upstream_rq_2xx",
            "cluster.second.upstream_rq_5xx",
            "cluster.second.upstream_rq_total",
            "cluster.second.upstream_rq_completed",
            "cluster.second.membership_total",
            "cluster.second.membership_healthy")) {
      assertThat(own.getOrDefault(name, "0")).as(name).isEqualTo(theirs.getOrDefault(name, "0"));
    }
  }

  @Test
  void prometheus_reads_envoys_names_types_and_labels() throws Exception {
    Map<String, Family> own = families(text(ours, "/stats/prometheus"));
    Map<String, Family> theirs = families(text(envoy, "/stats/prometheus"));

    own.keySet().removeIf(name -> !name.startsWith("envoy_"));
    theirs.forEach((name, family) -> {
      Family same = own.get(name);
      if (same != null) {
        assertThat(same).as(name).isEqualTo(family);
      }
    });
    assertThat(own.keySet())
        .contains(
            "envoy_http_downstream_rq_xx",
            "envoy_http_downstream_rq_time",
            "envoy_cluster_upstream_rq_xx",
            "envoy_cluster_upstream_rq_time",
            "envoy_listener_downstream_cx_total");
    assertThat(theirs.keySet()).contains("envoy_http_downstream_rq_xx");
  }

  /** What a scraper sees of a metric. */
  private record Family(String type, Set<String> labels, Set<String> bounds) {}

  private static Map<String, Family> families(String text) {
    Map<String, Family> families = new TreeMap<>();
    Pattern sample = Pattern.compile("([a-zA-Z0-9_]+)\\{(.*)\\} .*");
    Pattern label = Pattern.compile("([a-zA-Z_]+)=\"([^\"]*)\"");
    String name = "";
    for (String line : text.lines().toList()) {
      if (line.startsWith("# TYPE ")) {
        String[] words = line.split(" ");
        name = words[2];
        families.put(name, new Family(words[3], new TreeSet<>(), new TreeSet<>()));
      } else if (sample.matcher(line) instanceof Matcher found
          && found.matches()
          && families.get(name) instanceof Family family) {
        Matcher labels = label.matcher(found.group(2));
        while (labels.find()) {
          family.labels().add(labels.group(1));
          if (labels.group(1).equals("le")) {
            family.bounds().add(labels.group(2));
          }
        }
      }
    }
    return families;
  }
}
