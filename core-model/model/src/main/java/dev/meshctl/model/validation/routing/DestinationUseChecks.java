package dev.meshctl.model.validation.routing;

import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.resource.DestinationRule.Subset;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.resource.VirtualService.Destination;
import dev.meshctl.model.resource.VirtualService.HttpAction;
import dev.meshctl.model.resource.VirtualService.HttpRule;
import dev.meshctl.model.resource.VirtualService.Mirror;
import dev.meshctl.model.resource.VirtualService.RouteDestination;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.DestinationRules;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Destinations and the subsets they use: twice the same, weights of nothing, subsets for nobody.
 */
final class DestinationUseChecks {
  private DestinationUseChecks() {}

  private record Use(String host, String subset) {}

  static void run(Facts facts, Findings findings) {
    Set<Use> used = new HashSet<>();
    for (Located<VirtualService> located : facts.all(VirtualService.class)) {
      String namespace = located.resource().metadata().namespace();
      routes(located.resource())
          .forEach((path, route) -> {
            repeated(located, path, route, findings);
            alone(located, path, route, findings);
            route.forEach(one -> used.add(use(one.destination(), namespace)));
          });
      mirrors(located.resource()).forEach(mirror -> used.add(use(mirror, namespace)));
    }
    for (Located<DestinationRule> located : facts.all(DestinationRule.class)) {
      subsets(located, used, facts, findings);
    }
  }

  private static Use use(Destination destination, String namespace) {
    return new Use(HostNames.resolve(destination.host(), namespace), destination.subset());
  }

  /** By the path of the list. */
  private static Map<String, List<RouteDestination>> routes(VirtualService virtualService) {
    Map<String, List<RouteDestination>> routes = new java.util.LinkedHashMap<>();
    for (int i = 0; i < virtualService.http().size(); i++) {
      if (virtualService.http().get(i).action() instanceof HttpAction.Forward forward) {
        routes.put("spec.http[" + i + "].route", forward.route());
      }
    }
    for (int i = 0; i < virtualService.tcp().size(); i++) {
      routes.put("spec.tcp[" + i + "].route", virtualService.tcp().get(i).route());
    }
    for (int i = 0; i < virtualService.tls().size(); i++) {
      routes.put("spec.tls[" + i + "].route", virtualService.tls().get(i).route());
    }
    return routes;
  }

  private static List<Destination> mirrors(VirtualService virtualService) {
    List<Destination> all = new ArrayList<>();
    for (HttpRule rule : virtualService.http()) {
      if (rule.action() instanceof HttpAction.Forward forward) {
        forward.mirrors().stream().map(Mirror::destination).forEach(all::add);
      }
    }
    return all;
  }

  private static void repeated(
      Located<VirtualService> located,
      String path,
      List<RouteDestination> route,
      Findings findings) {
    Map<RouteDestination, Integer> first = new HashMap<>();
    for (int i = 0; i < route.size(); i++) {
      // What differs in its headers is not the same.
      RouteDestination unweighted =
          new RouteDestination(route.get(i).destination(), 0, route.get(i).headers());
      Integer earlier = first.putIfAbsent(unweighted, i);
      if (earlier != null) {
        findings.add(
            DiagnosticCode.REPEATED_DESTINATION,
            located,
            path + "[" + i + "].destination",
            "is that of " + path + "[" + earlier + "] too");
      }
    }
  }

  private static void alone(
      Located<VirtualService> located,
      String path,
      List<RouteDestination> route,
      Findings findings) {
    if (route.size() == 1 && route.getFirst().weight() > 0 && route.getFirst().weight() < 100) {
      findings.add(
          DiagnosticCode.WEIGHT_ALONE,
          located,
          path + "[0].weight",
          route.getFirst().weight() + ", and it is the only destination (expected: none, or 100)");
    }
  }

  private static void subsets(
      Located<DestinationRule> located, Set<Use> used, Facts facts, Findings findings) {
    String host = DestinationRules.fullHost(located.resource());
    List<Subset> subsets = located.resource().subsets();
    for (int i = 0; i < subsets.size(); i++) {
      String name = subsets.get(i).name();
      if (subsets.get(i).labels().isEmpty()) {
        findings.add(
            DiagnosticCode.SUBSET_WITHOUT_LABELS,
            located,
            "spec.subsets[" + i + "].name",
            "'" + name + "' has no labels");
      }
      boolean isUsed =
          used.stream()
              .anyMatch(use -> use.subset().equals(name) && HostNames.matches(host, use.host()));
      if (!isUsed && subsets.get(i).trafficPolicy().isPresent() && !facts.mayBeIncomplete()) {
        findings.add(
            DiagnosticCode.UNUSED_SUBSET,
            located,
            "spec.subsets[" + i + "].trafficPolicy",
            "is that of '" + name + "', which is the destination of no VirtualService");
      }
    }
  }
}
