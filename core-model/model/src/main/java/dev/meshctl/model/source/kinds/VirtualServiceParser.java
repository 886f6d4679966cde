package dev.meshctl.model.source.kinds;

import static dev.meshctl.model.source.kinds.Shared.MAX_PORT;

import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.resource.VirtualService.HttpAction;
import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.validation.DiagnosticCode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code networking.istio.io/VirtualService}. */
final class VirtualServiceParser {
  private VirtualServiceParser() {}

  static VirtualService parse(Metadata metadata, YamlObject root) {
    Optional<YamlObject> written = root.requiredObject("spec");
    if (written.isEmpty()) {
      return new VirtualService(
          metadata, List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
    }
    YamlObject spec = written.get();
    List<String> hosts = Names.checkedHosts(spec, "hosts");
    if (hosts.isEmpty()) {
      // Others delegate to it, and say where it holds.
      for (String field : List.of("gateways", "tls", "tcp")) {
        if (spec.has(field)) {
          spec.report(
              DiagnosticCode.CONFLICTING_FIELDS,
              field,
              "stands without hosts (expected: hosts, or http alone in a delegate)");
        }
      }
    }
    return new VirtualService(
        metadata,
        hosts,
        spec.texts("gateways"),
        spec.objects("http").stream().map(VirtualServiceParser::httpRule).toList(),
        spec.objects("tcp").stream().map(VirtualServiceParser::tcpRule).toList(),
        spec.objects("tls").stream().flatMap(rule -> tlsRules(rule).stream()).toList(),
        spec.texts("exportTo"));
  }

  private static VirtualService.HttpRule httpRule(YamlObject rule) {
    return new VirtualService.HttpRule(
        rule.text("name").orElse(""),
        rule.objects("match").stream().map(VirtualServiceParser::httpMatch).toList(),
        action(rule.notApplied("corsPolicy")),
        Shared.headers(rule),
        rule.object("delegate")
            .map(to ->
                new VirtualService.Delegate(
                    to.text("namespace").orElse(""), to.requiredText("name"))),
        Optional.empty());
  }

  private static HttpAction action(YamlObject rule) {
    List<String> actions =
        List.of("route", "redirect", "directResponse", "delegate").stream()
            .filter(rule::has)
            .toList();
    if (actions.size() > 1) {
      rule.report(
          DiagnosticCode.CONFLICTING_FIELDS,
          actions.get(1),
          "stands beside " + actions.getFirst() + " (expected: one of the two)");
    }
    HttpAction.Forward forward = forward(rule);
    Optional<HttpAction> redirect = rule.object("redirect").map(VirtualServiceParser::redirect);
    Optional<HttpAction> direct =
        rule.object("directResponse").map(VirtualServiceParser::directResponse);
    if (actions.isEmpty()) {
      rule.missing("route");
    }
    return redirect.or(() -> direct).orElse(forward);
  }

  private static HttpAction.Forward forward(YamlObject rule) {
    return new HttpAction.Forward(
        rule.objects("route").stream().map(VirtualServiceParser::routeDestination).toList(),
        rule.object("rewrite")
            .map(rewrite ->
                new VirtualService.Rewrite(
                    rewrite.notApplied("uriRegexRewrite").text("uri").orElse(""),
                    rewrite.text("authority").orElse(""))),
        Durations.istio(rule, "timeout"),
        rule.object("retries").map(VirtualServiceParser::retries),
        rule.object("fault").map(FaultParser::fault),
        mirrors(rule));
  }

  private static HttpAction redirect(YamlObject redirect) {
    redirect.notApplied("derivePort");
    return new HttpAction.Redirect(
        redirect.text("uri").orElse(""),
        redirect.text("authority").orElse(""),
        redirect.text("scheme").orElse(""),
        redirect.number("port", 1, MAX_PORT).orElse(0),
        redirect.number("redirectCode", 300, 399).orElse(301));
  }

  private static HttpAction directResponse(YamlObject direct) {
    int status = direct.requiredNumber("status", 200, 599);
    String body =
        direct
            .object("body")
            .flatMap(content -> content.notApplied("bytes").text("string"))
            .orElse("");
    return new HttpAction.DirectResponse(status, body);
  }

  static VirtualService.Retries retries(YamlObject retries) {
    retries.notApplied("retryRemoteLocalities", "retryIgnorePreviousHosts", "backoff");
    return new VirtualService.Retries(
        retries.number("attempts", 0, Integer.MAX_VALUE).orElse(0),
        Durations.istio(retries, "perTryTimeout"),
        retries.text("retryOn").orElse(""));
  }

  private static List<VirtualService.Mirror> mirrors(YamlObject rule) {
    List<VirtualService.Mirror> mirrors = new ArrayList<>();
    double share =
        FaultParser.percentage(rule, "mirrorPercentage")
            .or(() -> rule.decimal("mirrorPercent", 0, 100))
            .orElse(100.0);
    rule.object("mirror")
        .ifPresent(mirror -> mirrors.add(new VirtualService.Mirror(destination(mirror), share)));
    for (YamlObject mirror : rule.objects("mirrors")) {
      double own = FaultParser.percentage(mirror, "percentage").orElse(100.0);
      mirror
          .requiredObject("destination")
          .ifPresent(to -> mirrors.add(new VirtualService.Mirror(destination(to), own)));
    }
    return mirrors;
  }

  private static VirtualService.HttpMatch httpMatch(YamlObject match) {
    match.notApplied("statPrefix");
    return new VirtualService.HttpMatch(
        match.text("name").orElse(""),
        StringMatches.istio(match, "uri"),
        StringMatches.istio(match, "scheme"),
        StringMatches.istio(match, "method"),
        StringMatches.istio(match, "authority"),
        StringMatches.istioMap(match, "headers"),
        StringMatches.istioMap(match, "withoutHeaders"),
        StringMatches.istioMap(match, "queryParams"),
        match.flag("ignoreUriCase").orElse(false),
        match.number("port", 1, MAX_PORT).orElse(0),
        match.textMap("sourceLabels"),
        match.text("sourceNamespace").orElse(""),
        match.texts("gateways"));
  }

  private static VirtualService.RouteDestination routeDestination(YamlObject route) {
    return new VirtualService.RouteDestination(
        route
            .requiredObject("destination")
            .map(VirtualServiceParser::destination)
            .orElse(new VirtualService.Destination("", "", 0)),
        route.number("weight", Integer.MIN_VALUE, Integer.MAX_VALUE).orElse(0),
        Shared.headers(route));
  }

  static VirtualService.Destination destination(YamlObject destination) {
    String host = destination.requiredText("host");
    Names.checkHost(destination, "host", host);
    return new VirtualService.Destination(
        host, destination.text("subset").orElse(""), Shared.portNumber(destination, "port"));
  }

  private static VirtualService.TcpRule tcpRule(YamlObject rule) {
    List<YamlObject> matches = rule.objects("match");
    Set<Integer> ports = new LinkedHashSet<>();
    boolean anyPort = matches.isEmpty();
    for (YamlObject match : matches) {
      match.notApplied(
          "destinationSubnets", "sourceSubnet", "sourceLabels", "gateways", "sourceNamespace");
      Optional<Integer> port = match.number("port", 1, MAX_PORT);
      anyPort |= port.isEmpty();
      port.ifPresent(ports::add);
    }
    return new VirtualService.TcpRule(anyPort ? List.of() : List.copyOf(ports), destinations(rule));
  }

  /** One rule a match, since hosts and ports of one match belong together. */
  private static List<VirtualService.TlsRule> tlsRules(YamlObject rule) {
    List<VirtualService.RouteDestination> route = destinations(rule);
    if (!rule.has("match")) {
      rule.missing("match");
    }
    List<VirtualService.TlsRule> rules = new ArrayList<>();
    for (YamlObject match : rule.objects("match")) {
      match.notApplied("destinationSubnets", "sourceLabels", "gateways", "sourceNamespace");
      if (!match.has("sniHosts")) {
        match.missing("sniHosts");
      }
      rules.add(
          new VirtualService.TlsRule(
              match.texts("sniHosts"), match.number("port", 1, MAX_PORT).stream().toList(), route));
    }
    return rules;
  }

  private static List<VirtualService.RouteDestination> destinations(YamlObject rule) {
    if (!rule.has("route")) {
      rule.missing("route");
    }
    return rule.objects("route").stream().map(VirtualServiceParser::routeDestination).toList();
  }
}
