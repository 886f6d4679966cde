package dev.meshctl.model.compare;

import dev.meshctl.model.explain.Explanation.Destination;
import dev.meshctl.model.explain.Percent;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.explain.Upstreams;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.TlsParameters;
import dev.meshctl.model.xds.UpstreamTls;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.route.Headers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What clusters mean for one client: not how they are called, but who is behind them and how they
 * are reached. A subset that has another name and the same workloads is the same.
 *
 * <p>Thread: one.
 */
final class Targets {
  private final Scene scene;
  private final Upstreams upstreams;
  private final Map<String, Target> known = new HashMap<>();

  Targets(Scene scene, Upstreams upstreams) {
    this.scene = scene;
    this.upstreams = upstreams;
  }

  /**
   * A cluster.
   *
   * @param place host, port and workloads
   * @param traits how it is reached
   */
  private record Target(String host, String place, Map<String, String> traits) {}

  /** Adds where requests go, and how, as traits. */
  void describe(List<WeightedCluster> clusters, Map<String, String> traits) {
    long sum = clusters.stream().mapToLong(WeightedCluster::weight).sum();
    Map<String, Double> shares = new TreeMap<>();
    Map<String, Target> byPlace = new LinkedHashMap<>();
    for (WeightedCluster weighted : clusters) {
      if (weighted.weight() > 0) {
        Target target = target(weighted.cluster());
        String headers =
            weighted.headers().equals(Headers.NONE) ? "" : ", with " + weighted.headers();
        shares.merge(target.place() + headers, 100.0 * weighted.weight() / sum, Double::sum);
        byPlace.put(target.place(), target);
      }
    }
    traits.put(
        "to",
        shares.entrySet().stream()
            .sorted(
                Map.Entry.<String, Double>comparingByValue(Comparator.reverseOrder())
                    .thenComparing(Map.Entry.comparingByKey()))
            .map(share ->
                (shares.size() == 1 ? "" : Percent.of(share.getValue()) + " % to ")
                    + share.getKey())
            .collect(Collectors.joining(", ")));
    Map<String, Map<String, TreeSet<String>>> valuesOfTraits = new LinkedHashMap<>();
    for (Target target : byPlace.values()) {
      target
          .traits()
          .forEach((trait, value) ->
              valuesOfTraits
                  .computeIfAbsent(trait, key -> new TreeMap<>())
                  .computeIfAbsent(value, key -> new TreeSet<>())
                  .add(target.host()));
    }
    valuesOfTraits.forEach((trait, values) ->
        traits.put(
            trait,
            values.size() == 1
                ? values.keySet().iterator().next()
                : values.entrySet().stream()
                    .map(value -> String.join(", ", value.getValue()) + ": " + value.getKey())
                    .collect(Collectors.joining("; "))));
  }

  /** In one word what a cluster means, for mirrors and for comparing as such. */
  String words(String cluster) {
    Target target = target(cluster);
    return target.place() + " " + target.traits();
  }

  /** Who is behind a cluster. */
  String place(String cluster) {
    return target(cluster).place();
  }

  private Target target(String cluster) {
    return known.computeIfAbsent(cluster, this::read);
  }

  private Target read(String name) {
    Optional<ClusterConfig> found = upstreams.cluster(name);
    if (found.isEmpty()) {
      return new Target("", "nobody: there is no cluster " + name, Map.of());
    }
    ClusterConfig cluster = found.get();
    Destination destination = upstreams.destination(cluster, 100);
    if (cluster.discovery() instanceof Discovery.OriginalDestination) {
      return new Target("", "where the connection was going", traits(cluster, destination));
    }
    String host =
        destination.service().isEmpty()
            ? name
            : destination.service() + (destination.port() == 0 ? "" : ":" + destination.port());
    String who = upstreams.assignment(cluster).map(this::who).orElse("");
    return new Target(
        host,
        host + (who.isEmpty() ? " (nobody is there)" : " at " + who),
        traits(cluster, destination));
  }

  private String who(LoadAssignment assignment) {
    TreeSet<String> all = new TreeSet<>();
    for (LocalityEndpoints locality : assignment.localities()) {
      String rank =
          (locality.priority() == 0 ? "" : ", priority " + locality.priority())
              + (locality.weight() == 0 ? "" : ", weight " + locality.weight());
      for (Endpoint endpoint : locality.endpoints()) {
        String who =
            scene
                .at(endpoint.address().address())
                .map(WorkloadInstance::workload)
                .orElse(endpoint.address().address());
        all.add(
            who
                + ":"
                + endpoint.address().port()
                + rank
                + (endpoint.meshTls() ? "" : ", without a sidecar"));
      }
    }
    return String.join(" and ", all);
  }

  private static Map<String, String> traits(ClusterConfig cluster, Destination destination) {
    Map<String, String> traits = new LinkedHashMap<>();
    traits.put("tls", destination.tls());
    traits.put("protocol", cluster.protocol().name());
    traits.put("balancing", cluster.loadBalancing().name());
    traits.put("balancing options", cluster.balancing().toString());
    traits.put("connect timeout", cluster.connectTimeout().toString());
    traits.put("limits", words(cluster.circuitBreakers()));
    traits.put("outliers", cluster.outlierDetection().map(Object::toString).orElse("off"));
    traits.put("health checks", cluster.healthCheck().map(Object::toString).orElse("off"));
    traits.put("connections", cluster.upstream().toString());
    switch (cluster.transport()) {
      case Transport.Plaintext() -> {}
      case Transport.Tls(var tls) -> traits.put("tls settings", settings(tls));
      case Transport.Auto(var tls) -> traits.put("tls settings", settings(tls));
    }
    return traits;
  }

  /** What the words for TLS leave out; the server name that only repeats the cluster's too. */
  private static String settings(UpstreamTls tls) {
    return "%s%s%s%s"
        .formatted(
            tls.alpn(),
            tls.sni().startsWith("outbound_.") ? "" : ", server name " + tls.sni(),
            tls.unverified() ? ", unverified" : "",
            tls.parameters().equals(TlsParameters.DEFAULT) ? "" : ", " + tls.parameters());
  }

  /** Those that there are. */
  private static String words(CircuitBreakers breakers) {
    if (!breakers
        .withHostConnections(0)
        .equals(
            new CircuitBreakers(
                breakers.maxConnections(),
                breakers.maxPendingRequests(),
                breakers.maxRequests(),
                breakers.maxRetries()))) {
      return breakers.toString();
    }
    List<String> words = new ArrayList<>();
    limit("connections", breakers.maxConnections(), words);
    limit("waiting requests", breakers.maxPendingRequests(), words);
    limit("requests", breakers.maxRequests(), words);
    limit("retries", breakers.maxRetries(), words);
    if (breakers.maxHostConnections() != 0) {
      words.add(breakers.maxHostConnections() + " connections to a host");
    }
    return words.isEmpty() ? "none" : "at a time " + String.join(", ", words);
  }

  private static void limit(String what, int most, List<String> words) {
    if (most != Integer.MAX_VALUE) {
      words.add(most + " " + what);
    }
  }

  /** What differs between the two in the words of {@link #words}, for those names. */
  static List<String> differing(List<String> names, Targets before, Targets after) {
    List<String> differing = new ArrayList<>();
    for (String name : names) {
      if (!before.words(name).equals(after.words(name))) {
        differing.add(name);
      }
    }
    return differing;
  }
}
