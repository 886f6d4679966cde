package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.RequestAuthentication;
import dev.meshctl.model.resource.RequestAuthentication.ClaimToHeader;
import dev.meshctl.model.resource.RequestAuthentication.FromHeader;
import dev.meshctl.model.resource.RequestAuthentication.JwtRule;
import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.validation.DiagnosticCode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Istio's RequestAuthentication, with the checks that Istio makes when one is applied. */
final class RequestAuthenticationParser {
  private RequestAuthenticationParser() {}

  static RequestAuthentication parse(Metadata metadata, YamlObject root) {
    Optional<YamlObject> spec = root.object("spec");
    return new RequestAuthentication(
        metadata,
        spec.map(s -> Shared.matchLabels(s, "selector")).orElse(Map.of()),
        spec.map(s -> AuthorizationPolicyParser.targets(s, metadata)).orElse(List.of()),
        spec.map(
                s -> s.objects("jwtRules").stream().map(RequestAuthenticationParser::rule).toList())
            .orElse(List.of()));
  }

  private static JwtRule rule(YamlObject rule) {
    String issuer = rule.text("issuer").orElse("");
    String jwksUri = uri(rule);
    if (issuer.isEmpty() && jwksUri.isEmpty()) {
      rule.missing("issuer");
    }
    return new JwtRule(
        issuer,
        filled(rule, "audiences"),
        jwksUri,
        rule.text("jwks").orElse(""),
        rule.objects("fromHeaders").stream()
            .map(from -> new FromHeader(from.requiredText("name"), from.text("prefix").orElse("")))
            .toList(),
        filled(rule, "fromParams"),
        filled(rule, "fromCookies"),
        rule.text("outputPayloadToHeader").orElse(""),
        rule.flag("forwardOriginalToken").orElse(false),
        rule.objects("outputClaimToHeaders").stream()
            .map(to -> new ClaimToHeader(to.requiredText("header"), to.requiredText("claim")))
            .toList(),
        Durations.istio(rule, "timeout"),
        rule.texts("spaceDelimitedClaims"));
  }

  private static String uri(YamlObject rule) {
    String written = rule.text("jwksUri").or(() -> rule.text("jwks_uri")).orElse("");
    if (!written.isEmpty() && !written.matches("https?://[^/?#\\s]+\\S*")) {
      rule.report(
          DiagnosticCode.UNKNOWN_VALUE,
          "jwksUri",
          "'" + written + "' (expected: http:// or https:// with a host)");
    }
    return written;
  }

  private static List<String> filled(YamlObject rule, String key) {
    List<String> texts = rule.texts(key);
    for (int i = 0; i < texts.size(); i++) {
      if (texts.get(i).isEmpty()) {
        rule.report(
            DiagnosticCode.UNKNOWN_VALUE, key + "[" + i + "]", "is empty (expected: a text)");
      }
    }
    return texts;
  }
}
