package dev.meshctl.model.status;

import static dev.meshctl.model.status.Condition.ACCEPTED;
import static dev.meshctl.model.status.Condition.RESOLVED_REFS;

import dev.meshctl.model.resource.BackendRef;
import dev.meshctl.model.resource.GatewayRoute;
import dev.meshctl.model.resource.GatewayRoute.NamedBackend;
import dev.meshctl.model.resource.GatewayRoute.NamedFilter;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.KubernetesGateway.Listener;
import dev.meshctl.model.resource.ParentRef;
import dev.meshctl.model.status.ObjectStatus.OfParent;
import dev.meshctl.model.status.ObjectStatus.OfRoute;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.traffic.ListenerRules;
import dev.meshctl.model.traffic.MeshService;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is said of a route, for each of its parents that is ours. */
record RouteConditions(Scene scene, GatewayRoute route) {

  OfRoute all() {
    Condition resolved = resolved();
    List<OfParent> parents = new ArrayList<>();
    for (ParentRef parent : route.parents()) {
      accepted(parent)
          .ifPresent(accepted -> parents.add(new OfParent(parent, List.of(accepted, resolved))));
    }
    return new OfRoute(route.kind(), route.metadata(), parents);
  }

  /** Empty where the parent is not there or not ours: then nothing is for us to say. */
  private Optional<Condition> accepted(ParentRef parent) {
    return switch (parent.kind()) {
      case GATEWAY -> scene.gateway(parent.namespace(), parent.name()).map(g -> at(g, parent));
      case SERVICE ->
          scene
              .services()
              .service(parent.namespace(), parent.name())
              .map(service -> at(service, parent));
      case OTHER -> Optional.empty();
    };
  }

  private static Condition at(MeshService service, ParentRef parent) {
    boolean there = parent.port() == 0 || service.port(parent.port()).isPresent();
    return there
        ? accepted()
        : Condition.no(
            ACCEPTED, "NoMatchingParent", parent.port() + " is no port of " + service.hostname());
  }

  private Condition at(KubernetesGateway gateway, ParentRef parent) {
    List<Listener> named =
        gateway.listeners().stream()
            .filter(l -> parent.sectionName().isEmpty() || parent.sectionName().equals(l.name()))
            .filter(l -> parent.port() == 0 || parent.port() == l.port())
            .toList();
    if (named.isEmpty()) {
      return Condition.no(
          ACCEPTED, "NoMatchingParent", "the Gateway has no listener of this name or port");
    }
    Optional<NamedFilter> unsupported =
        route.unknownFilters().stream().filter(each -> !each.filter().isExtension()).findFirst();
    if (unsupported.isPresent()) {
      return Condition.no(
          ACCEPTED,
          "UnsupportedValue",
          unsupported.get().field() + ": " + unsupported.get().filter().type() + " is not known");
    }
    String namespace = route.metadata().namespace();
    List<Listener> allowing =
        named.stream()
            .filter(l -> ListenerRules.takesKind(l, route.kind()))
            .filter(l -> scene.rules().takesFrom(gateway, l, namespace))
            .toList();
    if (allowing.isEmpty()) {
      return Condition.no(
          ACCEPTED,
          "NotAllowedByListeners",
          "no listener takes " + route.kind() + "s of namespace " + namespace);
    }
    boolean sharesHost =
        route.hostnames().isEmpty()
            || route.hostnames().stream()
                .anyMatch(host ->
                    allowing.stream()
                        .anyMatch(l -> HostNames.intersect(l.hostname(), host).isPresent()));
    return sharesHost
        ? accepted()
        : Condition.no(
            ACCEPTED, "NoMatchingListenerHostname", "no listener shares a host with the route");
  }

  private static Condition accepted() {
    return Condition.yes(ACCEPTED, "Accepted", "in force");
  }

  /** The first reference that leads nowhere says why. */
  private Condition resolved() {
    for (NamedFilter named : route.unknownFilters()) {
      if (named.filter().isExtension()) {
        return Condition.no(
            RESOLVED_REFS, "InvalidKind", named.field() + ": no extension is known here");
      }
    }
    for (NamedBackend named : route.backends()) {
      Optional<Condition> problem = problem(named.field(), named.ref());
      if (problem.isPresent()) {
        return problem.get();
      }
    }
    return Condition.yes(RESOLVED_REFS, "ResolvedRefs", "all that it names is there");
  }

  private Optional<Condition> problem(String field, BackendRef backend) {
    if (backend.blocked()) {
      return no("InvalidKind", field + ": a filter of it is not known here");
    }
    if (!backend.isService()) {
      return no("InvalidKind", field + ": " + backend.target() + " is no Service");
    }
    if (!scene.grants().permit(route, backend.target())) {
      return no(
          "RefNotPermitted", field + ": no ReferenceGrant lets it refer to " + backend.target());
    }
    Optional<MeshService> service = scene.services().service(backend.namespace(), backend.name());
    if (service.isEmpty()) {
      return no("BackendNotFound", field + ": there is no " + backend.target());
    }
    boolean there =
        service.get().ports().isEmpty() || service.get().port(backend.port()).isPresent();
    return there
        ? Optional.empty()
        : no(
            "BackendNotFound",
            field + ": " + backend.port() + " is no port of " + backend.target());
  }

  private static Optional<Condition> no(String reason, String message) {
    return Optional.of(Condition.no(RESOLVED_REFS, reason, message));
  }
}
