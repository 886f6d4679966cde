package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.GrpcRoute;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.source.yaml.YamlObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Gateway API {@code GRPCRoute}. */
final class GrpcRouteParser {
  private static final Map<String, String> FILTERS =
      Map.of(
          "RequestHeaderModifier", "requestHeaderModifier",
          "ResponseHeaderModifier", "responseHeaderModifier",
          "RequestMirror", "requestMirror",
          "ExtensionRef", "extensionRef");

  private GrpcRouteParser() {}

  static GrpcRoute parse(Metadata metadata, YamlObject root) {
    Optional<YamlObject> written = root.requiredObject("spec");
    if (written.isEmpty()) {
      return new GrpcRoute(metadata, List.of(), List.of(), List.of());
    }
    YamlObject spec = written.get().notApplied("useDefaultGateways");
    return new GrpcRoute(
        metadata,
        RouteReferences.parents(spec, metadata),
        Names.checkedHosts(spec, "hostnames"),
        spec.objects("rules").stream().map(rule -> rule(rule, metadata)).toList());
  }

  private static GrpcRoute.Rule rule(YamlObject rule, Metadata route) {
    rule.notApplied("sessionPersistence");
    return new GrpcRoute.Rule(
        rule.text("name").orElse(""),
        rule.objects("matches").stream().map(GrpcRouteParser::match).toList(),
        HttpRouteParser.filters(rule, route, FILTERS),
        RouteReferences.filteredBackends(rule, route));
  }

  private static GrpcRoute.Match match(YamlObject match) {
    Optional<YamlObject> method = match.object("method");
    boolean regex =
        method
            .flatMap(m -> m.word("type", Map.of("Exact", false, "RegularExpression", true)))
            .orElse(false);
    if (regex) {
      for (String key : List.of("service", "method")) {
        method.ifPresent(m -> m.text(key).ifPresent(t -> StringMatches.checkRegex(m, key, t)));
      }
    }
    return new GrpcRoute.Match(
        method.flatMap(m -> m.text("service")).orElse(""),
        method.flatMap(m -> m.text("method")).orElse(""),
        regex,
        StringMatches.gatewayApi(match, "headers"));
  }
}
