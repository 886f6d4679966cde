package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.BackendRef;
import dev.meshctl.model.resource.HeaderEdits;
import dev.meshctl.model.resource.HttpRoute;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.resource.VirtualService.HttpAction;
import dev.meshctl.model.resource.VirtualService.RouteDestination;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * New weights of one rule.
 *
 * @param weights of the destinations there are, in order
 * @param added destinations to append, in order
 */
record SplitChange(List<Integer> weights, List<Added> added) {
  SplitChange {
    weights = List.copyOf(weights);
    added = List.copyOf(added);
  }

  /**
   * A destination to append.
   *
   * @param host as it is to be written; for an HTTPRoute the Service's name
   * @param subset empty for an HTTPRoute
   * @param port 0 is not to be written
   */
  record Added(String host, String subset, int port, int weight) {
    /** As an entry of {@code route}. */
    Map<String, Object> asRoute() {
      Map<String, Object> destination = new LinkedHashMap<>();
      destination.put("host", host);
      destination.put("subset", subset);
      if (port != 0) {
        destination.put("port", Map.of("number", port));
      }
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("destination", destination);
      entry.put("weight", weight);
      return entry;
    }

    /** As an entry of {@code backendRefs}. */
    Map<String, Object> asBackend() {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", host);
      entry.put("port", port);
      entry.put("weight", weight);
      return entry;
    }
  }

  /** What the resource must be after the edit: this, and otherwise what it was. */
  MeshResource appliedTo(MeshResource resource, String place) {
    int index = Integer.parseInt(place.replaceAll("\\D", ""));
    return switch (resource) {
      case VirtualService v when place.startsWith("http") ->
          new VirtualService(
              v.metadata(),
              v.hosts(),
              v.gateways(),
              replaced(v.http(), index, applied(v.http().get(index))),
              v.tcp(),
              v.tls(),
              v.exportTo());
      case VirtualService v ->
          new VirtualService(
              v.metadata(),
              v.hosts(),
              v.gateways(),
              v.http(),
              replaced(
                  v.tcp(),
                  index,
                  new VirtualService.TcpRule(
                      v.tcp().get(index).ports(), applied(v.tcp().get(index).route()))),
              v.tls(),
              v.exportTo());
      case HttpRoute route ->
          new HttpRoute(
              route.metadata(),
              route.parents(),
              route.hostnames(),
              replaced(route.rules(), index, applied(route, route.rules().get(index))));
      default -> resource;
    };
  }

  private VirtualService.HttpRule applied(VirtualService.HttpRule rule) {
    return rule.action() instanceof HttpAction.Forward forward
        ? new VirtualService.HttpRule(
            rule.name(),
            rule.match(),
            new HttpAction.Forward(
                applied(forward.route()),
                forward.rewrite(),
                forward.timeout(),
                forward.retries(),
                forward.fault(),
                forward.mirrors()),
            rule.headers(),
            rule.delegate(),
            rule.origin())
        : rule;
  }

  private List<RouteDestination> applied(List<RouteDestination> route) {
    List<RouteDestination> changed = new ArrayList<>();
    for (int i = 0; i < route.size(); i++) {
      RouteDestination old = route.get(i);
      changed.add(new RouteDestination(old.destination(), weights.get(i), old.headers()));
    }
    for (Added entry : added) {
      changed.add(
          new RouteDestination(
              new VirtualService.Destination(entry.host(), entry.subset(), entry.port()),
              entry.weight(),
              HeaderEdits.NONE));
    }
    return changed;
  }

  private HttpRoute.Rule applied(HttpRoute route, HttpRoute.Rule rule) {
    List<BackendRef> backends = new ArrayList<>();
    for (int i = 0; i < rule.backends().size(); i++) {
      backends.add(rule.backends().get(i).weighing(weights.get(i)));
    }
    for (Added entry : added) {
      backends.add(
          new BackendRef(route.metadata().namespace(), entry.host(), entry.port(), entry.weight()));
    }
    return new HttpRoute.Rule(
        rule.name(),
        rule.matches(),
        rule.filters(),
        backends,
        rule.requestTimeout(),
        rule.backendTimeout(),
        rule.retry());
  }

  private static <T> List<T> replaced(List<T> list, int index, T element) {
    List<T> changed = new ArrayList<>(list);
    changed.set(index, element);
    return changed;
  }
}
