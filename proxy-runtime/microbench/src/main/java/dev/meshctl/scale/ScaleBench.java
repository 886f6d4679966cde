package dev.meshctl.scale;

import dev.meshctl.model.xds.ResourceType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a control plane does for many proxies: {@code proxy-runtime/bench/scale --help}.
 *
 * <p>Time is from the moment a changed file is in its place to the acknowledgement of the last
 * proxy that it concerns, with the watching of files in it.
 */
public final class ScaleBench {
  private static final String HELP =
      """
      proxy-runtime/bench/scale [--proxies N,N,...] [--services N] [--endpoints N]
                               [--namespaces N] [--changes N] [--heap SIZE] [--json FILE] [--svg FILE]

      Connects simulated proxies, each over a connection and a stream of its own, to one control
      plane, changes an endpoint, a route and a policy by turns, and says how long the last of
      them took to acknowledge (defaults: 100,1000 proxies, 1000 services, 10000 endpoints, 20
      changes of each kind, a heap of 1g). A change of each kind goes before and is not counted.
      With several namespaces the sidecars of each reach its own services alone, so that a change
      concerns one in so many. --svg draws the rows as curves.
      """;
  private static final long LIMIT_SECONDS = 600;
  private static final long CHANGE_LIMIT_SECONDS = 60;

  private final int namespaces;
  private final int services;
  private final int endpoints;
  private final int changes;
  private final String heap;

  private ScaleBench(int namespaces, int services, int endpoints, int changes, String heap) {
    this.namespaces = namespaces;
    this.services = services;
    this.endpoints = endpoints;
    this.changes = changes;
    this.heap = heap;
  }

  public static void main(String[] words) throws Exception {
    Map<String, String> options = new LinkedHashMap<>();
    for (int i = 0; i < words.length; i += 2) {
      if (i + 1 == words.length
          || !List.of(
                  "--proxies",
                  "--services",
                  "--endpoints",
                  "--changes",
                  "--heap",
                  "--json",
                  "--namespaces",
                  "--svg")
              .contains(words[i])) {
        System.out.print(HELP);
        System.exit(words[i].equals("--help") ? 0 : 2);
      }
      options.put(words[i], words[i + 1]);
    }
    ScaleBench bench =
        new ScaleBench(
            Integer.parseInt(options.getOrDefault("--namespaces", "1")),
            Integer.parseInt(options.getOrDefault("--services", "1000")),
            Integer.parseInt(options.getOrDefault("--endpoints", "10000")),
            Integer.parseInt(options.getOrDefault("--changes", "20")),
            options.getOrDefault("--heap", "1g"));
    List<Map<String, Object>> rows = new ArrayList<>();
    for (String proxies : options.getOrDefault("--proxies", "100,1000").split(",")) {
      Map<String, Object> row = bench.measure(Integer.parseInt(proxies));
      rows.add(row);
      System.out.println(row);
      if (options.containsKey("--json")) {
        Files.writeString(
            Path.of(options.get("--json")),
            JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsString(rows));
      }
      if (options.containsKey("--svg")) {
        Files.writeString(Path.of(options.get("--svg")), ScaleChart.svg(rows));
      }
    }
    // gRPC's threads are none of ours to wait for.
    System.exit(0);
  }

  private Map<String, Object> measure(int proxies) throws Exception {
    Path folder = Files.createTempDirectory("meshctl-scale");
    Thread tidy = new Thread(() -> delete(folder));
    Runtime.getRuntime().addShutdownHook(tidy);
    ScaleMesh mesh = new ScaleMesh(folder, namespaces, services, endpoints);
    try (Plane plane = new Plane(folder, mesh, heap);
        Fleet fleet = new Fleet(proxies, services, mesh, plane::channel)) {
      long begun = System.nanoTime();
      fleet.connect(LIMIT_SECONDS);
      double cold = seconds(begun);
      say("%d proxies configured after %.1f s", proxies, cold);
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("proxies", proxies);
      row.put("services", services);
      row.put("namespaces", namespaces);
      int reaching = mesh.proxiesReachingFirst(proxies);
      row.put("proxiesConcerned", reaching);
      row.put("endpoints", endpoints);
      Series endpoint =
          series(
              plane,
              fleet,
              new Kind(
                  "endpoint",
                  ResourceType.ENDPOINTS,
                  mesh.cluster(0),
                  reaching,
                  mesh::changeEndpoint));
      row.put("endpointChangeToLastAckP50Ms", endpoint.percentile(0.5));
      row.put("endpointChangeToLastAckP99Ms", endpoint.percentile(0.99));
      Series route =
          series(
              plane,
              fleet,
              new Kind(
                  "route",
                  ResourceType.VIRTUAL_HOST,
                  mesh.virtualHost(0),
                  reaching,
                  mesh::changeRoute));
      row.put("routeChangeToLastAckP50Ms", route.percentile(0.5));
      row.put("routeChangeToLastAckP99Ms", route.percentile(0.99));
      int concerned = mesh.proxiesOf(1, proxies);
      Series policy =
          series(
              plane,
              fleet,
              new Kind(
                  "policy",
                  ResourceType.LISTENER,
                  "virtualInbound",
                  concerned,
                  mesh::changePolicy));
      row.put("policyProxies", concerned);
      row.put("policyChangeToLastAckP99Ms", policy.percentile(0.99));
      row.put("cpuSecondsPerPush", endpoint.cpu());
      row.put("routeCpuSecondsPerPush", route.cpu());
      row.put("policyCpuSecondsPerPush", policy.cpu());
      row.put("bytesPerPush", endpoint.bytes());
      row.put("routeBytesPerPush", route.bytes());
      row.put("policyBytesPerPush", policy.bytes());
      row.put("controlPlaneRssMiB", Math.round(plane.rssMib()));
      row.put("coldStartSeconds", Math.round(cold * 10) / 10.0);
      if (!fleet.trouble().isEmpty()) {
        say("trouble: %s", fleet.trouble());
      }
      return row;
    } finally {
      delete(folder);
    }
  }

  private record Kind(
      String name, ResourceType type, String resource, int concerned, Change change) {}

  private interface Change {
    void make() throws IOException;
  }

  /** Milliseconds of each change, sorted. */
  private record Series(double[] millis, double cpu, long bytes) {
    long percentile(double share) {
      return Math.round(millis[Math.min(millis.length - 1, (int) (millis.length * share))]);
    }
  }

  private Series series(Plane plane, Fleet fleet, Kind kind) throws Exception {
    double[] millis = new double[changes];
    long bytes = 0;
    double cpu = plane.cpuSeconds();
    // The first runs code that no change has run before.
    for (int i = -1; i < changes; i++) {
      if (i == 0) {
        bytes = 0;
        cpu = plane.cpuSeconds();
      }
      fleet.expect(kind.type.typeUrl(), kind.resource, kind.concerned);
      long begun = System.nanoTime();
      kind.change.make();
      if (!fleet.await(CHANGE_LIMIT_SECONDS)) {
        throw new IllegalStateException(
            kind.name
                + " change "
                + i
                + " did not reach everybody: "
                + fleet.trouble()
                + "\n"
                + plane.log());
      }
      millis[Math.max(0, i)] = seconds(begun) * 1000;
      bytes += fleet.bytes();
      // The next one begins in peace.
      Thread.sleep(200);
    }
    Arrays.sort(millis);
    Series series = new Series(millis, (plane.cpuSeconds() - cpu) / changes, bytes / changes);
    say(
        "%s change to the last of %d: p50 %d ms, p99 %d ms; CPU %.3f s, %d bytes each",
        kind.name,
        kind.concerned,
        series.percentile(0.5),
        series.percentile(0.99),
        series.cpu,
        series.bytes);
    return series;
  }

  private static double seconds(long sinceNanos) {
    return (System.nanoTime() - sinceNanos) / 1e9;
  }

  private static void say(String format, Object... values) {
    System.err.println(String.format(Locale.ROOT, format, values));
  }

  private static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException gone) {
      // Deleted already.
    }
  }
}
