package dev.meshctl.capture.node;

import dev.meshctl.capture.node.ServicePort.Omitted;
import dev.meshctl.capture.node.ServicePort.Target;
import dev.meshctl.model.resource.EndpointSlice;
import dev.meshctl.model.resource.EndpointSlice.Conditions;
import dev.meshctl.model.resource.EndpointSlice.Endpoint;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.source.Located;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Which endpoints of a Service port a node uses, as Kubernetes documents it:
 *
 * <ul>
 *   <li>ready ones; where there is none, those that terminate and still serve, for the whole
 *       cluster and for the node apart;
 *   <li>hints by node count where every ready one has some and one names this node, else hints by
 *       zone where every ready one has some and one names this node's zone; else all are used;
 *   <li>hints are nothing to a policy of {@code Local}, which takes the node's own.
 * </ul>
 *
 * @param served somewhere in the cluster an endpoint could answer
 */
record EndpointChoice(
    List<Target> cluster, List<Target> local, boolean served, List<Omitted> omitted) {

  /** An endpoint with its slice. */
  private record Candidate(Endpoint endpoint, int port, boolean here, Origin origin) {
    String address() {
      return endpoint.addresses().getFirst();
    }

    boolean ready() {
      return endpoint.conditions().ready();
    }

    boolean leaving() {
      Conditions conditions = endpoint.conditions();
      return !conditions.ready() && conditions.serving() && conditions.terminating();
    }

    Target target() {
      return new Target(address(), port, here, leaving(), origin);
    }
  }

  /** Which of the ready ones hints leave, and in what words. */
  private record Hints(Predicate<Endpoint> admits, String otherwise) {}

  static EndpointChoice of(
      NodeView node,
      List<Located<EndpointSlice>> slices,
      Service.Port port,
      boolean usesCluster,
      boolean usesLocal) {
    List<Candidate> all = candidates(node, slices, port);
    List<Candidate> ready = all.stream().filter(Candidate::ready).toList();
    List<Candidate> leaving = all.stream().filter(Candidate::leaving).toList();
    Hints hints = hints(node, ready);
    List<Candidate> usable = ready.isEmpty() ? leaving : ready;
    List<Candidate> cluster =
        !usesCluster
            ? List.of()
            : usable.stream()
                .filter(each -> ready.isEmpty() || hints.admits.test(each.endpoint))
                .toList();
    List<Candidate> here = ready.stream().filter(Candidate::here).toList();
    List<Candidate> local =
        !usesLocal
            ? List.of()
            : here.isEmpty() ? leaving.stream().filter(Candidate::here).toList() : here;
    List<Omitted> omitted = new ArrayList<>();
    for (Candidate each : all) {
      if (!cluster.contains(each) && !local.contains(each)) {
        omitted.add(
            new Omitted(each.address(), why(each, usable, usesCluster, hints), each.origin));
      }
    }
    return new EndpointChoice(targets(cluster), targets(local), !usable.isEmpty(), omitted);
  }

  private static List<Target> targets(List<Candidate> chosen) {
    return chosen.stream()
        .map(Candidate::target)
        .sorted(Comparator.comparing(Target::address).thenComparing(Target::port))
        .toList();
  }

  private static String why(
      Candidate each, List<Candidate> usable, boolean usesCluster, Hints hints) {
    if (each.leaving()) {
      return "is terminating, and others are ready";
    }
    if (!usable.contains(each)) {
      return "is not ready";
    }
    return usesCluster ? hints.otherwise : "is on another node";
  }

  /** The same address and port in two slices is one endpoint; the one that serves counts. */
  private static List<Candidate> candidates(
      NodeView node, List<Located<EndpointSlice>> slices, Service.Port port) {
    Map<String, Candidate> byPlace = new LinkedHashMap<>();
    for (Located<EndpointSlice> slice : slices) {
      for (EndpointSlice.Port known : slice.resource().ports()) {
        if (!known.name().equals(port.name())
            || known.transport() != port.transport()
            || known.port() == 0) {
          continue;
        }
        List<Endpoint> endpoints = slice.resource().endpoints();
        for (int i = 0; i < endpoints.size(); i++) {
          Endpoint endpoint = endpoints.get(i);
          Candidate candidate =
              new Candidate(
                  endpoint,
                  known.port(),
                  endpoint.node().equals(node.name()),
                  Origin.of(slice, "endpoints[" + i + "]"));
          byPlace.merge(
              candidate.address() + " " + known.port(),
              candidate,
              (first, second) -> first.ready() || !second.ready() ? first : second);
        }
      }
    }
    return List.copyOf(byPlace.values());
  }

  private static Hints hints(NodeView node, List<Candidate> ready) {
    if (applies(ready, endpoint -> endpoint.forNodes(), node.name())) {
      return new Hints(
          endpoint -> endpoint.forNodes().contains(node.name()), "its hints name other nodes");
    }
    if (applies(ready, endpoint -> endpoint.forZones(), node.zone())) {
      return new Hints(
          endpoint -> endpoint.forZones().contains(node.zone()), "its hints name other zones");
    }
    return new Hints(endpoint -> true, "");
  }

  private static boolean applies(
      List<Candidate> ready,
      java.util.function.Function<Endpoint, List<String>> hints,
      String wanted) {
    return !ready.isEmpty()
        && ready.stream().noneMatch(each -> hints.apply(each.endpoint).isEmpty())
        && ready.stream().anyMatch(each -> hints.apply(each.endpoint).contains(wanted));
  }
}
