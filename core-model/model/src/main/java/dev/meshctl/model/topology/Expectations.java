package dev.meshctl.model.topology;

import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.topology.Routing.Rule;
import dev.meshctl.model.topology.Routing.Target;
import dev.meshctl.model.topology.ServiceDirectory.Entry;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The edges that configuration speaks of: gateways to the services that their routes reach,
 * services to what their routes reach or, without any, to all their workloads, callers that a route
 * names to its service. That everybody may call everybody where nothing forbids it is not drawn.
 */
final class Expectations {
  /** No desired share. */
  static final double NONE = -1;

  private final ServiceDirectory services;
  private final WorkloadIndex workloads;
  private final Map<String, Map<String, String>> subsets = new HashMap<>();
  private final Map<Link, Expected> links = new TreeMap<>();
  private final Map<Group, Governance> governed = new HashMap<>();
  private final Map<NamedHop, Entry> hops = new HashMap<>();

  private Expectations(ServiceDirectory services, WorkloadIndex workloads) {
    this.services = services;
    this.workloads = workloads;
  }

  /**
   * @param service host
   * @param weightPercent 0 to 100, {@link #NONE} where it is not part of a split
   */
  record Expected(String service, String protocol, double weightPercent, Optional<Group> group) {}

  /** Edges whose shares add up: those that leave {@code node} by one split. */
  record Group(String node, Layer layer, String split) {}

  /** Whose requests a split decides. */
  record Governance(boolean mesh, Set<String> gateways, String rule) {
    /** A route is named after its rule, with the name of the match where that has one. */
    boolean decidesFor(String source, String route) {
      boolean here = source.startsWith("gateway:") ? gateways.contains(source) : mesh;
      return here && (route.isEmpty() || route.equals(rule) || route.startsWith(rule + "."));
    }
  }

  /** A named rule that sends callers of one service on to another. */
  private record NamedHop(String rule, String destination) {}

  static Expectations of(
      ValidatedMesh mesh, ServiceDirectory services, WorkloadIndex workloads, Routings routings) {
    Expectations expectations = new Expectations(services, workloads);
    for (DestinationRule rule : mesh.all(DestinationRule.class)) {
      services
          .find(rule.host(), rule.metadata().namespace())
          .ifPresent(service ->
              rule.subsets()
                  .forEach(subset ->
                      expectations.subsets.putIfAbsent(
                          service.node() + "|" + subset.name(), subset.labels())));
    }
    expectations.fromMesh(routings);
    expectations.fromGateways(routings.atGateways());
    expectations.fromServices();
    return expectations;
  }

  Map<Link, Expected> links() {
    return Collections.unmodifiableMap(links);
  }

  /** Those of a service's own split. */
  static Group versionsOf(String service, Layer layer) {
    return new Group(service, layer, "");
  }

  /** True where requests from {@code source} by {@code route} follow the split of {@code group}. */
  boolean decides(Group group, String source, String route) {
    Governance governance = governed.get(group);
    return governance == null || governance.decidesFor(source, route);
  }

  /** The service that was called when {@code rule} led to {@code destination}. */
  Optional<Entry> calledBefore(String rule, Entry destination) {
    return Optional.ofNullable(hops.get(new NamedHop(rule, destination.node())));
  }

  private void fromMesh(Routings routings) {
    for (Entry service : services.all()) {
      routings.governing(service).ifPresent(routing -> fromMesh(service, routing));
    }
  }

  private void fromMesh(Entry host, Routing routing) {
    for (Layer layer : Layer.values()) {
      routing.governing(layer).ifPresent(rule -> split(host, routing, rule));
    }
    for (Rule rule : routing.rules()) {
      for (Target target : rule.targets()) {
        reach(host, target, rule.layer());
        if (!target.service().node().equals(host.node())) {
          hops.putIfAbsent(new NamedHop(rule.name(), target.service().node()), host);
        }
      }
      rule.mirrors().forEach(mirror -> reach(host, mirror, rule.layer()));
      rule.callers().forEach(labels -> callers(labels, host, rule));
    }
  }

  /** The shares of a service's split, to its own versions and to other services. */
  private void split(Entry host, Routing routing, Rule rule) {
    Group group = versionsOf(host.node(), rule.layer());
    Governance governance =
        new Governance(!routing.hosts().isEmpty(), routing.gateways(), rule.name());
    if (governed.putIfAbsent(group, governance) != null || !rule.splits()) {
      return;
    }
    Map<Link, Double> shares = new TreeMap<>();
    Map<Link, Target> targets = new HashMap<>();
    for (Target target : rule.targets()) {
      double percent = rule.percent(target);
      if (target.service().node().equals(host.node())) {
        List<WorkloadIndex.Entry> versions = versions(target);
        double whole = versions.stream().mapToInt(Expectations::capacity).sum();
        for (WorkloadIndex.Entry version : versions) {
          Link link = new Link(host.node(), version.node(), rule.layer());
          shares.merge(link, percent * capacity(version) / whole, Double::sum);
          targets.put(link, target);
        }
      } else {
        Link link = new Link(host.node(), target.service().node(), rule.layer());
        shares.merge(link, percent, Double::sum);
        targets.put(link, target);
      }
    }
    shares.forEach((link, percent) -> {
      Target target = targets.getOrDefault(link, rule.targets().getFirst());
      links.put(link, expected(target, link.layer(), percent, Optional.of(group)));
    });
  }

  /** How a subset's requests spread over the workloads it spans. */
  private static int capacity(WorkloadIndex.Entry workload) {
    return Math.max(1, workload.ready());
  }

  private void reach(Entry host, Target target, Layer layer) {
    Optional<Group> group = Optional.of(versionsOf(host.node(), layer));
    if (target.service().node().equals(host.node())) {
      for (WorkloadIndex.Entry version : versions(target)) {
        links.putIfAbsent(
            new Link(host.node(), version.node(), layer), expected(target, layer, NONE, group));
      }
    } else {
      links.putIfAbsent(
          new Link(host.node(), target.service().node(), layer),
          expected(target, layer, NONE, group));
    }
  }

  private void callers(Map<String, String> labels, Entry host, Rule rule) {
    Target target = new Target(host, "", 0, 0);
    for (WorkloadIndex.Entry caller : workloads.all()) {
      if (caller.carries(labels)) {
        links.putIfAbsent(
            new Link(caller.node(), host.node(), rule.layer()),
            expected(target, rule.layer(), NONE, Optional.empty()));
      }
    }
  }

  private void fromGateways(List<Routing> routings) {
    for (Routing routing : routings) {
      for (String gateway : routing.gateways()) {
        int number = 0;
        for (Rule rule : routing.rules()) {
          throughGateway(gateway, routing, rule, routing.id() + "#" + number++);
        }
      }
    }
  }

  private void throughGateway(String gateway, Routing routing, Rule rule, String name) {
    Map<String, Double> shares = new TreeMap<>();
    for (Target target : rule.targets()) {
      shares.merge(target.service().node(), rule.percent(target), Double::sum);
    }
    Optional<Group> group =
        shares.size() > 1 ? Optional.of(new Group(gateway, rule.layer(), name)) : Optional.empty();
    for (Target target : rule.targets()) {
      double percent =
          group.isPresent() ? shares.getOrDefault(target.service().node(), NONE) : NONE;
      links.putIfAbsent(
          new Link(gateway, target.service().node(), rule.layer()),
          expected(target, rule.layer(), percent, group));
      if (!target.subset().isEmpty()) {
        split(target.service(), routing, rule);
        reach(target.service(), target, rule.layer());
      }
    }
    for (Target mirror : rule.mirrors()) {
      links.putIfAbsent(
          new Link(gateway, mirror.service().node(), rule.layer()),
          expected(mirror, rule.layer(), NONE, Optional.empty()));
    }
  }

  /** Services that no route governs go to all their workloads; aliases to what they stand for. */
  private void fromServices() {
    for (Entry service : services.all()) {
      if (!service.alias().isEmpty()) {
        services.find(service.alias(), service.namespace()).ifPresent(real -> alias(service, real));
        continue;
      }
      for (ServiceDirectory.Port port : service.ports()) {
        Layer layer = Layer.of(port.protocol());
        Governance governance = governed.get(versionsOf(service.node(), layer));
        if (governance == null || !governance.mesh()) {
          reach(service, new Target(service, "", port.number(), 0), layer);
        }
      }
    }
  }

  private void alias(Entry service, Entry real) {
    List<ServiceDirectory.Port> ports = service.ports().isEmpty() ? real.ports() : service.ports();
    for (ServiceDirectory.Port port : ports) {
      Layer layer = Layer.of(port.protocol());
      links.putIfAbsent(
          new Link(service.node(), real.node(), layer),
          new Expected(real.host(), Layer.label(port.protocol()), NONE, Optional.empty()));
    }
  }

  private List<WorkloadIndex.Entry> versions(Target target) {
    Entry service = target.service();
    List<WorkloadIndex.Entry> all = workloads.behind(service);
    if (target.subset().isEmpty()) {
      return all;
    }
    Map<String, String> labels = subsets.get(service.node() + "|" + target.subset());
    return labels == null
        ? List.of()
        : all.stream().filter(workload -> workload.carries(labels)).toList();
  }

  private static Expected expected(
      Target target, Layer layer, double percent, Optional<Group> group) {
    return new Expected(
        target.service().host(),
        Layer.label(target.service().protocol(target.port(), layer)),
        percent,
        group);
  }
}
