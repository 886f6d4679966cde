package dev.meshctl.model.topology;

import dev.meshctl.model.resource.BackendRef;
import dev.meshctl.model.resource.ConnectionRule;
import dev.meshctl.model.resource.GrpcRoute;
import dev.meshctl.model.resource.HttpRoute;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.ParentRef;
import dev.meshctl.model.resource.StringMatch;
import dev.meshctl.model.resource.TcpRoute;
import dev.meshctl.model.resource.TlsRoute;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.resource.VirtualService.HttpAction;
import dev.meshctl.model.resource.VirtualService.RouteDestination;
import dev.meshctl.model.topology.Routing.Rule;
import dev.meshctl.model.topology.Routing.Target;
import dev.meshctl.model.topology.ServiceDirectory.Entry;
import dev.meshctl.model.traffic.GatewayBindings;
import dev.meshctl.model.traffic.MeshRoutes;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads VirtualServices, HTTPRoutes and GRPCRoutes as {@link Routing}s. */
final class Routings {
  private final ServiceDirectory services;
  private final GatewayIndex gateways;

  private final MeshRoutes meshRoutes;
  private final ValidatedMesh mesh;

  Routings(ValidatedMesh mesh, ServiceDirectory services, GatewayIndex gateways) {
    this.mesh = mesh;
    this.services = services;
    this.gateways = gateways;
    this.meshRoutes = MeshRoutes.of(mesh);
  }

  /**
   * What governs calls inside the mesh to a service, as clients in its own namespace see it: the
   * VirtualService, else the routes of the Gateway API together.
   */
  Optional<Routing> governing(Entry service) {
    Optional<VirtualService> winner =
        meshRoutes.virtualService(service.host(), service.namespace());
    if (winner.isPresent()) {
      return Optional.of(routing(winner.get(), List.of(service)));
    }
    Optional<MeshService> registered = services.registered(service);
    if (registered.isEmpty()) {
      return Optional.empty();
    }
    List<Rule> rules = new ArrayList<>();
    meshRoutes
        .httpRoutes(registered.get(), service.namespace())
        .forEach(route -> rules.addAll(rules(route)));
    meshRoutes
        .grpcRoutes(registered.get(), service.namespace())
        .forEach(route -> rules.addAll(rules(route)));
    return rules.isEmpty()
        ? Optional.empty()
        : Optional.of(new Routing(service.node(), List.of(service), Set.of(), rules));
  }

  /** What governs traffic that comes in by gateways. */
  List<Routing> atGateways() {
    List<Routing> found = new ArrayList<>();
    for (VirtualService each : mesh.all(VirtualService.class)) {
      found.add(routing(each, List.of()));
    }
    for (HttpRoute each : mesh.all(HttpRoute.class)) {
      Set<String> doors = doors(each.metadata(), each.parents());
      found.add(new Routing(each.id().toString(), List.of(), doors, rules(each)));
    }
    for (GrpcRoute each : mesh.all(GrpcRoute.class)) {
      Set<String> doors = doors(each.metadata(), each.parents());
      found.add(new Routing(each.id().toString(), List.of(), doors, rules(each)));
    }
    for (TlsRoute each : mesh.all(TlsRoute.class)) {
      Set<String> doors = doors(each.metadata(), each.parents());
      found.add(new Routing(each.id().toString(), List.of(), doors, rules(each.rules(), false)));
    }
    for (TcpRoute each : mesh.all(TcpRoute.class)) {
      Set<String> doors = doors(each.metadata(), each.parents());
      found.add(new Routing(each.id().toString(), List.of(), doors, rules(each.rules(), true)));
    }
    return found;
  }

  private Routing routing(VirtualService source, List<Entry> hosts) {
    String namespace = source.metadata().namespace();
    Set<String> doors = new LinkedHashSet<>();
    for (String gateway : source.gateways()) {
      String full = GatewayBindings.fullName(gateway, namespace);
      int slash = full.indexOf('/');
      if (slash > 0) {
        doors.addAll(gateways.istio(full.substring(0, slash), full.substring(slash + 1)));
      }
    }
    List<Rule> rules = new ArrayList<>();
    for (int i = 0; i < source.http().size(); i++) {
      VirtualService.HttpRule rule = source.http().get(i);
      http(rule, named(rule.name(), source.metadata(), i), namespace).ifPresent(rules::add);
    }
    for (VirtualService.TcpRule rule : source.tcp()) {
      rules.add(connections(rule.ports().isEmpty(), targets(rule.route(), namespace)));
    }
    for (VirtualService.TlsRule rule : source.tls()) {
      rules.add(connections(false, targets(rule.route(), namespace)));
    }
    return new Routing(source.id().toString(), hosts, doors, rules);
  }

  private Set<String> doors(Metadata metadata, List<ParentRef> parents) {
    Set<String> doors = new LinkedHashSet<>();
    for (ParentRef parent : parents) {
      if (parent.kind() == ParentRef.Kind.GATEWAY) {
        String namespace = parent.namespace().isEmpty() ? metadata.namespace() : parent.namespace();
        doors.addAll(gateways.kubernetes(namespace, parent.name()));
      }
    }
    return doors;
  }

  private static String named(String name, Metadata metadata, int index) {
    return name.isEmpty() ? metadata.name() + "." + index : name;
  }

  private Optional<Rule> http(VirtualService.HttpRule rule, String name, String namespace) {
    return switch (rule.action()) {
      case HttpAction.Redirect redirect -> Optional.empty();
      case HttpAction.DirectResponse direct -> Optional.empty();
      case HttpAction.Forward forward -> {
        List<Target> mirrors = new ArrayList<>();
        for (VirtualService.Mirror mirror : forward.mirrors()) {
          target(mirror.destination(), 0, namespace).ifPresent(mirrors::add);
        }
        List<Map<String, String>> callers =
            rule.match().stream()
                .map(VirtualService.HttpMatch::sourceLabels)
                .filter(labels -> !labels.isEmpty())
                .toList();
        yield Optional.of(
            new Rule(
                name,
                rule.match().isEmpty(),
                Layer.REQUESTS,
                targets(forward.route(), namespace),
                mirrors,
                callers));
      }
    };
  }

  private static Rule connections(boolean catchAll, List<Target> targets) {
    return new Rule("", catchAll, Layer.CONNECTIONS, targets, List.of(), List.of());
  }

  private List<Target> targets(List<RouteDestination> route, String namespace) {
    List<Target> targets = new ArrayList<>();
    for (RouteDestination destination : route) {
      target(destination.destination(), destination.weight(), namespace).ifPresent(targets::add);
    }
    return targets;
  }

  private Optional<Target> target(
      VirtualService.Destination destination, int weight, String namespace) {
    return services
        .find(destination.host(), namespace)
        .map(service -> new Target(service, destination.subset(), destination.port(), weight));
  }

  private List<Rule> rules(HttpRoute source) {
    List<Rule> rules = new ArrayList<>();
    for (HttpRoute.Rule rule : source.rules()) {
      List<Target> mirrors = new ArrayList<>();
      for (HttpRoute.Filter filter : rule.filters()) {
        if (filter instanceof HttpRoute.Filter.Mirror mirror) {
          target(mirror.backend()).ifPresent(mirrors::add);
        }
      }
      boolean redirects =
          rule.filters().stream().anyMatch(HttpRoute.Filter.Redirect.class::isInstance);
      boolean catchAll = rule.matches().stream().allMatch(Routings::matchesAll);
      rules.add(
          new Rule(
              named(rule.name(), source.metadata(), rules.size()),
              catchAll,
              Layer.REQUESTS,
              redirects ? List.of() : backends(rule.backends()),
              mirrors,
              List.of()));
    }
    return rules;
  }

  private static boolean matchesAll(HttpRoute.Match match) {
    return match.path() instanceof StringMatch.Prefix(String prefix)
        && prefix.equals("/")
        && match.method().isEmpty()
        && match.headers().isEmpty()
        && match.queryParams().isEmpty();
  }

  private List<Rule> rules(GrpcRoute source) {
    List<Rule> rules = new ArrayList<>();
    for (GrpcRoute.Rule rule : source.rules()) {
      rules.add(
          new Rule(
              named(rule.name(), source.metadata(), rules.size()),
              rule.matches().isEmpty(),
              Layer.REQUESTS,
              backends(rule.backends()),
              List.of(),
              List.of()));
    }
    return rules;
  }

  private List<Rule> rules(List<ConnectionRule> rules, boolean catchAll) {
    return rules.stream().map(rule -> connections(catchAll, backends(rule.backends()))).toList();
  }

  private List<Target> backends(List<BackendRef> backends) {
    List<Target> targets = new ArrayList<>();
    backends.forEach(backend -> target(backend).ifPresent(targets::add));
    return targets;
  }

  private Optional<Target> target(BackendRef backend) {
    return services
        .find(backend.name(), backend.namespace())
        .map(service -> new Target(service, "", backend.port(), backend.weight()));
  }
}
