package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.BackendRef;
import dev.meshctl.model.resource.HttpRoute;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.StringMatch;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.resource.VirtualService.HttpAction;
import dev.meshctl.model.resource.VirtualService.RouteDestination;
import dev.meshctl.model.source.Located;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Reads the rules of a resource. */
final class SplitRules {
  private SplitRules() {}

  /** All rules in order; empty for a resource that has none. */
  static List<SplitRule> of(Located<? extends MeshResource> located) {
    return switch (located.resource()) {
      case VirtualService virtualService -> ofVirtualService(located, virtualService);
      case HttpRoute route -> ofHttpRoute(located, route);
      default -> List.of();
    };
  }

  private static List<SplitRule> ofVirtualService(
      Located<? extends MeshResource> located, VirtualService virtualService) {
    String namespace = virtualService.metadata().namespace();
    List<SplitRule> rules = new ArrayList<>();
    for (int i = 0; i < virtualService.http().size(); i++) {
      VirtualService.HttpRule rule = virtualService.http().get(i);
      String place = "http[" + i + "]";
      List<SplitRule.Target> targets =
          rule.action() instanceof HttpAction.Forward forward
              ? targets(forward.route(), namespace)
              : List.of();
      rules.add(
          new SplitRule(
              located,
              rule.name().isEmpty() ? place : rule.name(),
              place,
              rule.match().stream().map(SplitRules::describe).collect(Collectors.joining(" or ")),
              "spec." + place + ".route",
              targets));
    }
    for (int i = 0; i < virtualService.tcp().size(); i++) {
      VirtualService.TcpRule rule = virtualService.tcp().get(i);
      String place = "tcp[" + i + "]";
      String match = rule.ports().isEmpty() ? "" : "port " + rule.ports();
      rules.add(
          new SplitRule(
              located,
              place,
              place,
              match,
              "spec." + place + ".route",
              targets(rule.route(), namespace)));
    }
    return rules;
  }

  private static List<SplitRule.Target> targets(List<RouteDestination> route, String namespace) {
    return route.stream()
        .map(r ->
            new SplitRule.Target(
                r.destination().subset().isEmpty()
                    ? r.destination().host()
                    : r.destination().subset(),
                HostNames.resolve(r.destination().host(), namespace),
                r.destination().host(),
                r.destination().port(),
                r.weight()))
        .toList();
  }

  private static List<SplitRule> ofHttpRoute(
      Located<? extends MeshResource> located, HttpRoute route) {
    List<SplitRule> rules = new ArrayList<>();
    for (int i = 0; i < route.rules().size(); i++) {
      HttpRoute.Rule rule = route.rules().get(i);
      String place = "rules[" + i + "]";
      rules.add(
          new SplitRule(
              located,
              rule.name().isEmpty() ? place : rule.name(),
              place,
              rule.matches().stream().map(SplitRules::describe).collect(Collectors.joining(" or ")),
              "spec." + place + ".backendRefs",
              rule.backends().stream().map(SplitRules::target).toList()));
    }
    return rules;
  }

  private static SplitRule.Target target(BackendRef backend) {
    return new SplitRule.Target(
        backend.name(),
        HostNames.ofService(backend.namespace(), backend.name()),
        backend.name(),
        backend.port(),
        backend.weight());
  }

  private static String describe(VirtualService.HttpMatch match) {
    List<String> parts = new ArrayList<>();
    match.method().ifPresent(method -> parts.add("method " + describe(method)));
    match.authority().ifPresent(authority -> parts.add("authority " + describe(authority)));
    match.uri().ifPresent(uri -> parts.add("path " + describe(uri)));
    match.headers().forEach((name, value) -> parts.add("header " + name + " " + describe(value)));
    match
        .withoutHeaders()
        .forEach((name, value) -> parts.add("without header " + name + " " + describe(value)));
    match
        .queryParams()
        .forEach((name, value) -> parts.add("query " + name + " " + describe(value)));
    if (!match.sourceLabels().isEmpty()) {
      parts.add("from " + new TreeMap<>(match.sourceLabels()));
    }
    if (match.port() != 0) {
      parts.add("port " + match.port());
    }
    return String.join(", ", parts);
  }

  private static String describe(HttpRoute.Match match) {
    List<String> parts = new ArrayList<>();
    Optional.of(match.method()).filter(m -> !m.isEmpty()).ifPresent(m -> parts.add("method " + m));
    if (!match.path().equals(new StringMatch.Prefix("/"))) {
      parts.add("path " + describe(match.path()));
    }
    match.headers().forEach((name, value) -> parts.add("header " + name + " " + describe(value)));
    match
        .queryParams()
        .forEach((name, value) -> parts.add("query " + name + " " + describe(value)));
    return String.join(", ", parts);
  }

  private static String describe(StringMatch match) {
    return switch (match) {
      case StringMatch.Exact(String value) -> value;
      case StringMatch.Prefix(String value) -> value + "*";
      case StringMatch.Regex(String pattern) -> "~" + pattern;
      case StringMatch.Present() -> "present";
    };
  }
}
