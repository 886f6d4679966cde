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
    List<Door> doors = doors(cluster, destination);
    if (doors.isEmpty() || !doors.getFirst().isOf(first.get())) {
      return Outcome.ROUTED;
    }
    Outcome outcome = enter(doors.getFirst(), request);
    doors.subList(1, doors.size()).forEach(other -> others(other, outcome, request));
    return outcome;
  }

  /**
   * Where a request may come in.
   *
   * @param secure over TLS
   */
  private record Door(Candidate candidate, WorkloadInstance server, int port, boolean secure) {
    boolean isOf(Candidate other) {
      return candidate.equals(other);
    }

    boolean isLike(Door other) {
      return port == other.port
          && server.workload().equals(other.server.workload())
          && server.namespace().equals(other.server.namespace())
          && server.labels().equals(other.server.labels());
    }
  }

  /** One of each workload, in the order of candidates. */
  private List<Door> doors(ClusterConfig cluster, Destination destination) {
    List<Door> doors = new ArrayList<>();
    for (Candidate candidate : destination.endpoints()) {
      Optional<Endpoint> endpoint =
          candidate.in() ? upstreams.endpoint(cluster, candidate) : Optional.empty();
      Optional<WorkloadInstance> server =
          endpoint.flatMap(found -> scene.at(found.address().address()));
      if (endpoint.isPresent() && server.isPresent()) {
        Door door =
            new Door(
                candidate,
                server.get(),
                endpoint.get().address().port(),
                caller.hasProxy() && Upstreams.secure(cluster.transport(), endpoint.get()));
        if (doors.stream().noneMatch(door::isLike)) {
          doors.add(door);
        }
      }
    }
    return doors;
  }

  private Outcome enter(Door door, @Nullable RequestView request) {
    Servers servers = new Servers(scene);
    trace.admittance(
        servers.admittance(door.server(), door.port(), caller, door.secure(), request));
    if (!door.server().inMesh()) {
      return Outcome.ROUTED;
    }
    return switch (servers.admit(door.server(), door.port(), caller, door.secure(), request)) {
      case Servers.Admission.NoChain(var reason) -> {
        trace.step("tls", door.server().workload() + ": " + reason);
        yield Outcome.REJECTED;
      }
      case Servers.Admission.Asked(var policies, var headers, var denied) -> {
        headers.forEach(trace::asked);
        trace.policies(door.server().workload(), policies);
        yield denied ? Outcome.DENIED : Outcome.ROUTED;
      }
    };
  }

  /** Other workloads behind the same name, who may answer otherwise than the likeliest. */
  private void others(Door door, Outcome likeliest, @Nullable RequestView request) {
    Admittance told =
        new Servers(scene).admittance(door.server(), door.port(), caller, door.secure(), request);
    trace.admittance(told);
    boolean alike =
        likeliest
            == switch (told.answer()) {
              case ALLOWED -> Outcome.ROUTED;
              case DENIED -> Outcome.DENIED;
              case REJECTED -> Outcome.REJECTED;
            };
    if (!alike) {
      trace.step(
          "policy",
          "but %s answers otherwise: %s".formatted(door.server().workload(), told.reason()));
    }
  }
}
