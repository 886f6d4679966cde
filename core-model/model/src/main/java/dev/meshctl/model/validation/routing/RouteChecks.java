package dev.meshctl.model.validation.routing;

import dev.meshctl.model.resource.BackendRef;
import dev.meshctl.model.resource.ConnectionRule;
import dev.meshctl.model.resource.GatewayRoute;
import dev.meshctl.model.resource.GrpcRoute;
import dev.meshctl.model.resource.HttpRoute;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.ObjectRef;
import dev.meshctl.model.resource.ParentRef;
import dev.meshctl.model.resource.TcpRoute;
import dev.meshctl.model.resource.TlsRoute;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.traffic.ListenerRules;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.Suggestion;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Gateway API routes: their parents, hosts and backends. */
final class RouteChecks {
  private RouteChecks() {}

  static void run(Facts facts, Findings findings) {
    for (Located<GatewayRoute> route : facts.all(GatewayRoute.class)) {
      parents(route, facts, findings);
      findings.addDuplicates(route, "spec.rules[%d].name", toldApart(route.resource().ruleNames()));
      route
          .resource()
          .backends()
          .forEach(named -> backend(route, named.field(), named.ref(), facts, findings));
    }
    for (Located<HttpRoute> route : facts.all(HttpRoute.class)) {
      weights(route, route.resource().rules().stream().map(HttpRoute.Rule::backends), findings);
    }
    for (Located<GrpcRoute> route : facts.all(GrpcRoute.class)) {
      weights(route, route.resource().rules().stream().map(GrpcRoute.Rule::backends), findings);
    }
    for (Located<TlsRoute> route : facts.all(TlsRoute.class)) {
      weights(route, route.resource().rules().stream().map(ConnectionRule::backends), findings);
    }
    for (Located<TcpRoute> route : facts.all(TcpRoute.class)) {
      weights(route, route.resource().rules().stream().map(ConnectionRule::backends), findings);
    }
  }

  private static void weights(
      Located<? extends MeshResource> route, Stream<List<BackendRef>> rules, Findings findings) {
    List<List<BackendRef>> all = rules.toList();
    for (int i = 0; i < all.size(); i++) {
      Weights.check(
          route,
          "spec.rules[" + i + "].backendRefs",
          all.get(i).stream().map(BackendRef::weight).toList(),
          false,
          findings);
    }
  }

  /** Nameless rules are told apart by their place. */
  private static List<String> toldApart(List<String> names) {
    return IntStream.range(0, names.size())
        .mapToObj(i -> names.get(i).isEmpty() ? "#" + i : names.get(i))
        .toList();
  }

  private static void parents(Located<GatewayRoute> route, Facts facts, Findings findings) {
    List<ParentRef> parents = route.resource().parents();
    for (int i = 0; i < parents.size(); i++) {
      String path = "spec.parentRefs[" + i + "]";
      ParentRef parent = parents.get(i);
      switch (parent.kind()) {
        case GATEWAY -> gatewayParent(route, path, parent, facts, findings);
        case SERVICE -> serviceParent(route, path, parent, facts, findings);
        // Said where it was read.
        case OTHER -> {}
      }
    }
  }

  private static void serviceParent(
      Located<? extends MeshResource> route,
      String path,
      ParentRef parent,
      Facts facts,
      Findings findings) {
    Optional<MeshService> service = facts.services().service(parent.namespace(), parent.name());
    if (service.isEmpty()) {
      unknownParent(route, path, "Service", parent, facts, findings);
    } else if (parent.port() != 0 && service.get().port(parent.port()).isEmpty()) {
      findings.add(
          DiagnosticCode.UNKNOWN_SECTION,
          route,
          path + ".port",
          parent.port() + " is no port of " + service.get().hostname());
    }
  }

  private static void gatewayParent(
      Located<GatewayRoute> route, String path, ParentRef parent, Facts facts, Findings findings) {
    List<String> hostnames = route.resource().hostnames();
    String kind = "Gateway.gateway.networking.k8s.io";
    Optional<KubernetesGateway> found =
        facts.find(kind, parent.namespace(), parent.name()).map(KubernetesGateway.class::cast);
    if (found.isEmpty()) {
      unknownParent(route, path, kind, parent, facts, findings);
      return;
    }
    List<KubernetesGateway.Listener> chosen =
        found.get().listeners().stream()
            .filter(l -> parent.sectionName().isEmpty() || l.name().equals(parent.sectionName()))
            .filter(l -> parent.port() == 0 || l.port() == parent.port())
            .toList();
    if (chosen.isEmpty()) {
      unknownSection(route, path, parent, found.get(), findings);
      return;
    }
    String namespace = route.resource().metadata().namespace();
    if (chosen.stream()
        .noneMatch(l -> facts.listenerRules().takesFrom(found.get(), l, namespace))) {
      findings.add(
          DiagnosticCode.ROUTE_NOT_ALLOWED,
          route,
          path,
          found.get().id() + " takes no routes of namespace " + namespace);
    }
    if (chosen.stream().noneMatch(l -> ListenerRules.takesKind(l, route.resource().kind()))) {
      findings.add(
          DiagnosticCode.ROUTE_KIND_NOT_TAKEN,
          route,
          path,
          found.get().id()
              + " takes no "
              + route.resource().kind()
              + " there (expected: "
              + Suggestion.list(
                  chosen.stream()
                      .flatMap(l -> ListenerRules.kinds(l).stream())
                      .map(KubernetesGateway.RouteKind::kind)
                      .distinct()
                      .toList())
              + ")");
    }
    boolean overlap =
        hostnames.isEmpty()
            || hostnames.stream()
                .anyMatch(host ->
                    chosen.stream()
                        .anyMatch(l -> HostNames.intersect(l.hostname(), host).isPresent()));
    if (!overlap) {
      findings.add(
          DiagnosticCode.HOST_NOT_AT_GATEWAY,
          route,
          "spec.hostnames",
          Suggestion.list(hostnames)
              + " (expected: within "
              + Suggestion.list(chosen.stream().map(KubernetesGateway.Listener::hostname).toList())
              + ")");
    }
  }

  private static void unknownSection(
      Located<? extends MeshResource> route,
      String path,
      ParentRef parent,
      KubernetesGateway gateway,
      Findings findings) {
    List<String> known = gateway.listeners().stream().map(l -> l.name() + ":" + l.port()).toList();
    boolean bySection = !parent.sectionName().isEmpty();
    findings.add(
        DiagnosticCode.UNKNOWN_SECTION,
        route,
        path + (bySection ? ".sectionName" : ".port"),
        "'"
            + (bySection ? parent.sectionName() : String.valueOf(parent.port()))
            + "' is no listener of "
            + gateway.id()
            + " (expected: "
            + Suggestion.list(known)
            + ")");
  }

  private static void unknownParent(
      Located<? extends MeshResource> route,
      String path,
      String kind,
      ParentRef parent,
      Facts facts,
      Findings findings) {
    if (facts.mayExist(kind, parent.namespace(), parent.name())) {
      return;
    }
    List<String> known =
        facts.plain().stream()
            .filter(r -> r.kind().equals(kind))
            .filter(r -> r.metadata().namespace().equals(parent.namespace()))
            .map(r -> r.metadata().name())
            .toList();
    findings.add(
        DiagnosticCode.UNKNOWN_PARENT,
        route,
        path + ".name",
        "there is no " + kind + " " + parent.namespace() + "/" + parent.name(),
        Suggestion.fix(parent.name(), known, DiagnosticCode.UNKNOWN_PARENT.fix()));
  }

  private static void backend(
      Located<? extends MeshResource> route,
      String path,
      BackendRef backend,
      Facts facts,
      Findings findings) {
    if (!backend.isService()) {
      findings.add(
          DiagnosticCode.UNSUPPORTED_REFERENCE,
          route,
          path + ".kind",
          backend.target() + " (expected: Service)");
      return;
    }
    Optional<MeshService> service = facts.services().service(backend.namespace(), backend.name());
    if (service.isEmpty()) {
      if (!facts.mayExist("Service", backend.namespace(), backend.name())) {
        List<String> known =
            facts.services().all().stream()
                .filter(s -> s.namespace().equals(backend.namespace()))
                .map(MeshService::name)
                .toList();
        findings.add(
            DiagnosticCode.UNKNOWN_BACKEND,
            route,
            path + ".name",
            "there is no Service " + backend.namespace() + "/" + backend.name(),
            Suggestion.fix(backend.name(), known, DiagnosticCode.UNKNOWN_BACKEND.fix()));
      }
      return;
    }
    List<MeshService.Port> ports = service.get().ports();
    if (!ports.isEmpty() && service.get().port(backend.port()).isEmpty()) {
      findings.add(
          DiagnosticCode.UNKNOWN_BACKEND,
          route,
          path + ".port",
          backend.port()
              + " is no port of "
              + service.get().hostname()
              + " (expected: "
              + Suggestion.list(ports.stream().map(p -> String.valueOf(p.number())).toList())
              + ")");
    }
    ObjectRef target = backend.target();
    if (!facts.grants().permit(route.resource(), target)) {
      findings.add(
          DiagnosticCode.CROSS_NAMESPACE_BACKEND,
          route,
          path + ".namespace",
          "no ReferenceGrant of namespace "
              + backend.namespace()
              + " lets "
              + route.resource().id()
              + " refer to "
              + target);
    }
  }
}
