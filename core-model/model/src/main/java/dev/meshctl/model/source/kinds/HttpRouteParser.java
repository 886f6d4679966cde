package dev.meshctl.model.source.kinds;

import static dev.meshctl.model.source.kinds.Shared.MAX_PORT;

import dev.meshctl.model.resource.HttpRoute;
import dev.meshctl.model.resource.HttpRoute.Filter;
import dev.meshctl.model.resource.HttpRoute.PathRewrite;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.StringMatch;
import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.validation.DiagnosticCode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Gateway API {@code HTTPRoute}. */
final class HttpRouteParser {
  private static final Map<String, String> METHODS = new LinkedHashMap<>();
  private static final Map<String, String> FILTERS = new LinkedHashMap<>();
  private static final int MOST_ATTEMPTS = 1_000;

  /** Fields of filters that are not known here. */
  private static final Set<String> UNKNOWN = Set.of("extensionRef", "externalAuth");

  /** Seconds that a preflight's answer holds, unless written. */
  private static final int USUAL_MAX_AGE = 5;

  static {
    for (String method :
        List.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")) {
      METHODS.put(method, method);
    }
    FILTERS.put("RequestHeaderModifier", "requestHeaderModifier");
    FILTERS.put("ResponseHeaderModifier", "responseHeaderModifier");
    FILTERS.put("RequestMirror", "requestMirror");
    FILTERS.put("RequestRedirect", "requestRedirect");
    FILTERS.put("URLRewrite", "urlRewrite");
    FILTERS.put("CORS", "cors");
    FILTERS.put("ExtensionRef", "extensionRef");
    FILTERS.put("ExternalAuth", "externalAuth");
  }

  private HttpRouteParser() {}

  static HttpRoute parse(Metadata metadata, YamlObject root) {
    Optional<YamlObject> written = root.requiredObject("spec");
    if (written.isEmpty()) {
      return new HttpRoute(metadata, List.of(), List.of(), List.of());
    }
    YamlObject spec = written.get().notApplied("useDefaultGateways");
    return new HttpRoute(
        metadata,
        RouteReferences.parents(spec, metadata),
        Names.checkedHosts(spec, "hostnames"),
        spec.objects("rules").stream().map(rule -> rule(rule, metadata)).toList());
  }

  private static HttpRoute.Rule rule(YamlObject rule, Metadata route) {
    rule.notApplied("sessionPersistence");
    Optional<YamlObject> timeouts = rule.object("timeouts");
    return new HttpRoute.Rule(
        rule.text("name").orElse(""),
        rule.objects("matches").stream().map(HttpRouteParser::match).toList(),
        filters(rule, route, FILTERS),
        RouteReferences.filteredBackends(rule, route),
        timeouts.flatMap(t -> Durations.gatewayApi(t, "request")),
        timeouts.flatMap(t -> Durations.gatewayApi(t, "backendRequest")),
        rule.object("retry")
            .map(retry ->
                new HttpRoute.Retry(
                    retry.numbers("codes", 400, 599),
                    retry.number("attempts", 0, MOST_ATTEMPTS),
                    Durations.gatewayApi(retry, "backoff"))));
  }

  /**
   * @param known types that the rule's kind has, with the field of each
   */
  static List<Filter> filters(YamlObject rule, Metadata route, Map<String, String> known) {
    return rule.objects("filters").stream()
        .flatMap(filter -> filter(filter, route, known).stream())
        .toList();
  }

  private static HttpRoute.Match match(YamlObject match) {
    return new HttpRoute.Match(
        match.object("path").map(HttpRouteParser::path).orElse(new StringMatch.Prefix("/")),
        match.word("method", METHODS).orElse(""),
        StringMatches.gatewayApi(match, "headers"),
        StringMatches.gatewayApi(match, "queryParams"));
  }

  private static StringMatch path(YamlObject path) {
    String value = path.text("value").orElse("/");
    String type =
        path.word("type", Map.of("Exact", "Exact", "PathPrefix", "", "RegularExpression", "Regex"))
            .orElse("");
    if (type.equals("Regex")) {
      StringMatches.checkRegex(path, "value", value);
      return new StringMatch.Regex(value);
    }
    if (!value.startsWith("/")) {
      path.report(
          DiagnosticCode.UNKNOWN_VALUE,
          "value",
          "'" + value + "' (expected: a path that begins with '/')");
    }
    return type.equals("Exact") ? new StringMatch.Exact(value) : new StringMatch.Prefix(value);
  }

  private static Optional<Filter> filter(
      YamlObject filter, Metadata route, Map<String, String> known) {
    if (!filter.has("type")) {
      filter.missing("type");
    }
    Optional<String> key = filter.word("type", known);
    if (key.isPresent() && UNKNOWN.contains(key.get())) {
      filter.ignore(key.get());
      filter.valueNotApplied(
          "type", "is not applied: requests that it stands before are answered with 500");
    }
    if (key.isEmpty()) {
      return Optional.empty();
    }
    Optional<Filter> parsed =
        switch (key.get()) {
          case "requestHeaderModifier" ->
              filter
                  .requiredObject(key.get())
                  .map(f -> new Filter.RequestHeaders(Shared.headerModifier(f)));
          case "responseHeaderModifier" ->
              filter
                  .requiredObject(key.get())
                  .map(f -> new Filter.ResponseHeaders(Shared.headerModifier(f)));
          case "requestMirror" -> filter.requiredObject(key.get()).flatMap(f -> mirror(f, route));
          case "requestRedirect" -> filter.requiredObject(key.get()).map(HttpRouteParser::redirect);
          case "urlRewrite" -> filter.requiredObject(key.get()).map(HttpRouteParser::rewrite);
          case "cors" -> filter.requiredObject(key.get()).map(HttpRouteParser::cors);
          default -> Optional.of(new Filter.Unknown(filter.text("type").orElse("")));
        };
    return parsed;
  }

  private static Optional<Filter> mirror(YamlObject mirror, Metadata route) {
    double percentage = mirror.decimal("percent", 0, 100).orElse(100.0);
    Optional<YamlObject> fraction = mirror.object("fraction");
    if (fraction.isPresent()) {
      int parts = fraction.get().requiredNumber("numerator", 0, Integer.MAX_VALUE);
      int whole = fraction.get().number("denominator", 1, Integer.MAX_VALUE).orElse(100);
      percentage = Math.min(100.0, 100.0 * parts / whole);
    }
    double share = percentage;
    return mirror
        .requiredObject("backendRef")
        .map(backend -> new Filter.Mirror(RouteReferences.backend(backend, route), share));
  }

  private static Filter cors(YamlObject cors) {
    return new Filter.Cors(
        cors.texts("allowOrigins"),
        cors.flag("allowCredentials").orElse(false),
        cors.texts("allowMethods"),
        cors.texts("allowHeaders"),
        cors.texts("exposeHeaders"),
        cors.number("maxAge", 1, Integer.MAX_VALUE).orElse(USUAL_MAX_AGE));
  }

  private static Filter redirect(YamlObject redirect) {
    return new Filter.Redirect(
        redirect.word("scheme", Map.of("http", "http", "https", "https")).orElse(""),
        redirect.text("hostname").orElse(""),
        redirect.object("path").flatMap(HttpRouteParser::pathRewrite),
        redirect.number("port", 1, MAX_PORT).orElse(0),
        redirect.number("statusCode", 300, 399).orElse(302));
  }

  private static Filter rewrite(YamlObject rewrite) {
    return new Filter.Rewrite(
        rewrite.text("hostname").orElse(""),
        rewrite.object("path").flatMap(HttpRouteParser::pathRewrite));
  }

  private static Optional<PathRewrite> pathRewrite(YamlObject path) {
    Optional<String> type =
        path.word("type", Map.of("ReplaceFullPath", "full", "ReplacePrefixMatch", "prefix"));
    if (!path.has("type")) {
      path.missing("type");
    }
    Optional<String> full = path.text("replaceFullPath");
    Optional<String> prefix = path.text("replacePrefixMatch");
    return type.map(word ->
        word.equals("full")
            ? new PathRewrite.Full(full.orElse("/"))
            : new PathRewrite.PrefixMatch(prefix.orElse("/")));
  }
}
