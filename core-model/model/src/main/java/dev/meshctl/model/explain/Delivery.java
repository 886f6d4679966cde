package dev.meshctl.model.explain;

import dev.meshctl.model.explain.Explanation.Candidate;
import dev.meshctl.model.explain.Explanation.Destination;
import dev.meshctl.model.explain.Explanation.Outcome;
import dev.meshctl.model.match.RequestView;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.WorkloadInstance;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What leaves a proxy and comes to a server, which lets it in or not. Thread: one. */
final class Delivery {
  private final Scene scene;
  private final Trace trace;
  private final Upstreams upstreams;
  private final Caller caller;

  /**
   * Whose proxy it leaves.
   *
   * @param hasProxy false where the client goes by itself, in the clear
   * @param address as policies see it
   */
  record Caller(String identity, boolean hasProxy, String address) {}

  Delivery(Scene scene, Trace trace, Upstreams upstreams, Caller caller) {
    this.scene = scene;
    this.trace = trace;
    this.upstreams = upstreams;
    this.caller = caller;
  }

  /**
   * @param request as the upstream gets it; null where requests are not told apart
   */
  Explanation deliver(List<WeightedCluster> clusters, @Nullable RequestView request) {
    int sum = clusters.stream().mapToInt(WeightedCluster::weight).sum();
    List<ClusterConfig> known = new ArrayList<>();
    List<WeightedCluster> byShare =
        clusters.stream()
            .filter(cluster -> cluster.weight() > 0)
            .sorted(Comparator.comparingInt(WeightedCluster::weight).reversed())
            .toList();
    for (WeightedCluster weighted : byShare) {
      double percent = 100.0 * weighted.weight() / sum;
      Optional<ClusterConfig> cluster = upstreams.cluster(weighted.cluster());
      if (cluster.isEmpty()) {
        throw new IllegalStateException("the proxy is not told of " + weighted.cluster());
      }
      known.add(cluster.get());
      trace.destination(
          upstreams.destination(cluster.get(), percent), upstreams.rule(cluster.get()));
    }
    Outcome outcome = Outcome.ROUTED;
    for (int i = 0; i < known.size(); i++) {
      Outcome fate = arrive(known.get(i), trace.destinations().get(i), request);
      if (i == 0) {
        // The likeliest: its fate is the request's.
        outcome = fate;
      }
    }
    return trace.end(outcome);
  }

  private Outcome arrive(
      ClusterConfig cluster, Destination destination, @Nullable RequestView request) {
    Optional<Candidate> first = Explanation.firstIn(destination.endpoints());
    if (first.isEmpty()) {
      boolean elsewhere =
          cluster.discovery() instanceof ClusterConfig.Discovery.OriginalDestination;
      trace.step(
          "endpoints",
          elsewhere
              ? destination.cluster() + ": to where the connection was going"
              : destination.cluster() + " has no endpoint: answered 503");
      return elsewhere ? Outcome.ROUTED : Outcome.REJECTED;
    }
    Optional<Endpoint> endpoint = upstreams.endpoint(cluster, first.get());
    Optional<WorkloadInstance> server =
        endpoint.flatMap(found -> scene.at(found.address().address()));
    if (endpoint.isEmpty() || server.isEmpty() || !server.get().inMesh()) {
      return Outcome.ROUTED;
    }
    boolean secure = caller.hasProxy() && secure(cluster.transport(), endpoint.get());
    return switch (new Servers(scene)
        .admit(server.get(), endpoint.get().address().port(), caller, secure, request)) {
      case Servers.Admission.NoChain(var reason) -> {
        trace.step("tls", server.get().workload() + ": " + reason);
        yield Outcome.REJECTED;
      }
      case Servers.Admission.Asked(var policies, var headers, var denied) -> {
        headers.forEach(trace::asked);
        trace.policies(server.get().workload(), policies);
        yield denied ? Outcome.DENIED : Outcome.ROUTED;
      }
    };
  }

  private static boolean secure(ClusterConfig.Transport transport, Endpoint endpoint) {
    return switch (transport) {
      case ClusterConfig.Transport.Plaintext() -> false;
      case ClusterConfig.Transport.Tls(var tls) -> true;
      case ClusterConfig.Transport.Auto(var tls) -> endpoint.meshTls();
    };
  }
}
