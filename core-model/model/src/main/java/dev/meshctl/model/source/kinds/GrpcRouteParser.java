package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.GrpcRoute;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.source.yaml.YamlObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Gateway API {@code GRPCRoute}. */
final class GrpcRouteParser {
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
    rule.notApplied("filters", "sessionPersistence");
    return new GrpcRoute.Rule(
        rule.text("name").orElse(""),
        rule.objects("matches").stream().map(GrpcRouteParser::match).toList(),
        RouteReferences.backends(rule, route));
  }

  private static GrpcRoute.Match match(YamlObject match) {
    Optional<YamlObject> method = match.object("method");
    method.ifPresent(m -> {
      if (m.word("type", Map.of("Exact", "Exact", "RegularExpression", "Regex"))
          .orElse("Exact")
          .equals("Regex")) {
        m.valueNotApplied("type", "'RegularExpression' is not applied: compared exactly");
      }
    });
    return new GrpcRoute.Match(
        method.flatMap(m -> m.text("service")).orElse(""),
        method.flatMap(m -> m.text("method")).orElse(""),
        StringMatches.gatewayApi(match, "headers"));
  }
}
