package dev.meshctl.model.validation.routing;

import dev.meshctl.model.resource.IstioGateway;
import dev.meshctl.model.resource.StickyKey;
import dev.meshctl.model.resource.StringMatch;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.resource.VirtualService.HttpAction;
import dev.meshctl.model.resource.VirtualService.HttpMatch;
import dev.meshctl.model.resource.VirtualService.HttpRule;
import dev.meshctl.model.resource.VirtualService.RouteDestination;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.GatewayBindings;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.traffic.MeshRoutes;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.Suggestion;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import java.util.List;
import java.util.Optional;

/** VirtualServices: where they lead, their gateways, weights and the order of their rules. */
final class VirtualServiceChecks {
  private VirtualServiceChecks() {}

  static void run(Facts facts, Findings findings) {
    for (Located<VirtualService> located : facts.all(VirtualService.class)) {
      stickyKey(located, findings);
      gateways(located, facts, findings);
      hosts(located, facts, findings);
      boolean atGateway =
          located.resource().gateways().stream().anyMatch(name -> !name.equals(MeshRoutes.MESH));
      for (int i = 0; i < located.resource().http().size(); i++) {
        httpRule(located, i, atGateway, facts, findings);
      }
      for (int i = 0; i < located.resource().tcp().size(); i++) {
        List<RouteDestination> route = located.resource().tcp().get(i).route();
        destinations(located, "spec.tcp[" + i + "].route", route, atGateway, facts, findings);
      }
      for (int i = 0; i < located.resource().tls().size(); i++) {
        List<RouteDestination> route = located.resource().tls().get(i).route();
        destinations(located, "spec.tls[" + i + "].route", route, atGateway, facts, findings);
      }
      order(located, findings);
      DelegateChecks.unused(located, facts, findings);
      ruleNames(located, findings);
    }
  }

  private static void stickyKey(Located<VirtualService> located, Findings findings) {
    String written = located.resource().metadata().annotations().get(StickyKey.ANNOTATION);
    if (written != null && StickyKey.parse(written).isEmpty()) {
      findings.add(
          DiagnosticCode.UNKNOWN_VALUE,
          located,
          "metadata.annotations",
          StickyKey.ANNOTATION + ": '" + written + "' (expected: header:NAME or cookie:NAME)",
          "name the header or the cookie that tells users apart");
    }
  }

  private static void gateways(Located<VirtualService> located, Facts facts, Findings findings) {
    String namespace = located.resource().metadata().namespace();
    List<String> names = located.resource().gateways();
    for (int i = 0; i < names.size(); i++) {
      String full = GatewayBindings.fullName(names.get(i), namespace);
      if (full.equals(MeshRoutes.MESH)) {
        continue;
      }
      String owner = full.substring(0, full.indexOf('/'));
      String name = full.substring(full.indexOf('/') + 1);
      String kind = "Gateway.networking.istio.io";
      if (facts.find(kind, owner, name).isPresent() || facts.mayExist(kind, owner, name)) {
        continue;
      }
      List<String> known =
          facts.all(IstioGateway.class).stream()
              .map(gateway -> gateway.resource().metadata())
              .map(gateway ->
                  gateway.namespace().equals(namespace)
                      ? gateway.name()
                      : gateway.namespace() + "/" + gateway.name())
              .toList();
      findings.add(
          DiagnosticCode.UNKNOWN_GATEWAY,
          located,
          "spec.gateways[" + i + "]",
          "'" + names.get(i) + "' is not there (expected: mesh, " + Suggestion.list(known) + ")",
          Suggestion.fix(names.get(i), known, DiagnosticCode.UNKNOWN_GATEWAY.fix()));
    }
  }

  private static void hosts(Located<VirtualService> located, Facts facts, Findings findings) {
    VirtualService virtualService = located.resource();
    boolean onlySidecars =
        virtualService.gateways().stream().allMatch(name -> name.equals(MeshRoutes.MESH));
    if (!onlySidecars) {
      return;
    }
    String namespace = virtualService.metadata().namespace();
    for (int i = 0; i < virtualService.hosts().size(); i++) {
      String host = virtualService.hosts().get(i);
      String full = HostNames.resolve(host, namespace);
      if (!HostNames.isWildcard(full)
          && facts.services().find(full).isEmpty()
          && !facts.hostMayExist(full)) {
        findings.add(
            DiagnosticCode.UNSERVED_HOST,
            located,
            "spec.hosts[" + i + "]",
            "'" + host + "' is no service of the mesh",
            Destinations.hostFix(host, namespace, facts));
      }
    }
  }

  private static void rewrite(
      Located<VirtualService> located, int index, HttpAction.Forward forward, Findings findings) {
    String uri = forward.rewrite().map(VirtualService.Rewrite::uri).orElse("");
    HttpRule rule = located.resource().http().get(index);
    List<String> prefixes =
        rule.match().isEmpty()
            ? List.of("/")
            : rule.match().stream().flatMap(match -> prefix(match).stream()).toList();
    for (String prefix : prefixes) {
      if (!uri.isEmpty() && uri.endsWith("/") != prefix.endsWith("/")) {
        boolean missing = prefix.endsWith("/");
        String rest = missing ? "x" : "/x";
        findings.add(
            DiagnosticCode.REWRITE_JOINS_BADLY,
            located,
            "spec.http[" + index + "].rewrite.uri",
            prefix + rest + " becomes " + uri + rest,
            missing ? "write " + uri + "/" : "write " + withoutSlash(uri, prefix));
        return;
      }
    }
  }

  private static String withoutSlash(String uri, String prefix) {
    return uri.equals("/") ? "the prefix as " + prefix + "/" : uri.substring(0, uri.length() - 1);
  }

  /** What a rewrite stands for; empty where it stands for the whole path. */
  private static Optional<String> prefix(HttpMatch match) {
    if (match.uri().isEmpty()) {
      return Optional.of("/");
    }
    return match.uri().get() instanceof StringMatch.Prefix(var prefix)
        ? Optional.of(prefix)
        : Optional.empty();
  }

  private static void httpRule(
      Located<VirtualService> located,
      int index,
      boolean atGateway,
      Facts facts,
      Findings findings) {
    String path = "spec.http[" + index + "]";
    if (located.resource().http().get(index).delegate().isPresent()) {
      DelegateChecks.rule(located, index, facts, findings);
      return;
    }
    if (!(located.resource().http().get(index).action() instanceof HttpAction.Forward forward)) {
      return;
    }
    rewrite(located, index, forward, findings);
    destinations(located, path + ".route", forward.route(), atGateway, facts, findings);
    boolean single = located.fields().containsKey(path + ".mirror");
    for (int i = 0; i < forward.mirrors().size(); i++) {
      String at =
          single && i == 0
              ? path + ".mirror"
              : path + ".mirrors[" + (single ? i - 1 : i) + "].destination";
      Destinations.check(
          located, at, forward.mirrors().get(i).destination(), atGateway, facts, findings);
    }
  }

  private static void destinations(
      Located<VirtualService> located,
      String path,
      List<RouteDestination> route,
      boolean atGateway,
      Facts facts,
      Findings findings) {
    Weights.check(
        located, path, route.stream().map(RouteDestination::weight).toList(), true, findings);
    for (int i = 0; i < route.size(); i++) {
      Destinations.check(
          located,
          path + "[" + i + "].destination",
          route.get(i).destination(),
          atGateway,
          facts,
          findings);
    }
  }

  private static void order(Located<VirtualService> located, Findings findings) {
    List<HttpRule> rules = located.resource().http();
    for (int i = 0; i + 1 < rules.size(); i++) {
      if (matchesEverything(rules.get(i))) {
        for (int j = i + 1; j < rules.size(); j++) {
          findings.add(
              DiagnosticCode.UNREACHABLE_RULE,
              located,
              "spec.http[" + j + "]",
              "never matches: spec.http[" + i + "] takes every request",
              "move spec.http[" + i + "] to the end");
        }
        return;
      }
    }
  }

  /** No match, or one that only says what always holds. */
  static boolean matchesEverything(HttpRule rule) {
    // What a delegate does not take falls to the next rule.
    return rule.delegate().isEmpty()
        && (rule.match().isEmpty()
            || rule.match().stream().anyMatch(VirtualServiceChecks::matchesEverything));
  }

  private static boolean matchesEverything(HttpMatch match) {
    return match.uri().map(VirtualServiceChecks::isAnyPath).orElse(true)
        && match.scheme().isEmpty()
        && match.method().isEmpty()
        && match.authority().isEmpty()
        && match.headers().isEmpty()
        && match.withoutHeaders().isEmpty()
        && match.queryParams().isEmpty()
        && match.port() == 0
        && match.sourceLabels().isEmpty()
        && match.sourceNamespace().isEmpty()
        && match.gateways().isEmpty();
  }

  private static boolean isAnyPath(StringMatch uri) {
    return switch (uri) {
      case StringMatch.Prefix(String prefix) -> prefix.equals("/") || prefix.isEmpty();
      case StringMatch.Regex(String pattern) -> pattern.equals(".*") || pattern.equals("/.*");
      case StringMatch.Present() -> true;
      case StringMatch.Exact exact -> false;
    };
  }

  private static void ruleNames(Located<VirtualService> located, Findings findings) {
    List<HttpRule> rules = located.resource().http();
    for (int i = 0; i < rules.size(); i++) {
      String name = rules.get(i).name();
      for (int j = 0; j < i; j++) {
        if (!name.isEmpty() && rules.get(j).name().equals(name)) {
          findings.add(
              DiagnosticCode.DUPLICATE_NAME,
              located,
              "spec.http[" + i + "].name",
              "'" + name + "' is that of spec.http[" + j + "] too (expected: a name of its own)");
          break;
        }
      }
    }
  }
}
