package dev.meshctl.model.validation.security;

import dev.meshctl.model.resource.AuthorizationPolicy;
import dev.meshctl.model.resource.ProxyConfig;
import dev.meshctl.model.resource.RequestAuthentication;
import dev.meshctl.model.resource.RequestAuthentication.JwtRule;
import dev.meshctl.model.resource.Telemetry;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Names what is read and does nothing here, loudest where somebody relies on it. */
final class UnenforcedChecks {
  private UnenforcedChecks() {}

  static void run(Facts facts, Findings findings) {
    for (Located<RequestAuthentication> located : facts.all(RequestAuthentication.class)) {
      String issuers =
          located.resource().rules().stream()
              .map(JwtRule::issuer)
              .map(issuer -> "'" + issuer + "'")
              .collect(Collectors.joining(", "));
      if (!issuers.isEmpty()) {
        findings.add(
            DiagnosticCode.NOT_ENFORCED,
            located,
            "spec.jwtRules",
            "tokens of " + issuers + " are not checked: forged and expired ones pass");
      }
    }
    for (Located<AuthorizationPolicy> located : facts.all(AuthorizationPolicy.class)) {
      switch (located.resource().action()) {
        case CUSTOM ->
            findings.add(
                DiagnosticCode.NOT_ENFORCED,
                located,
                "spec.action",
                "CUSTOM asks nobody: what its rules match is denied");
        case AUDIT ->
            findings.add(
                DiagnosticCode.NOT_ENFORCED,
                located,
                "spec.action",
                "AUDIT records nothing; requests pass as without it");
        case ALLOW, DENY -> {}
      }
    }
    for (Located<Telemetry> located : facts.all(Telemetry.class)) {
      findings.add(
          DiagnosticCode.KIND_NOT_APPLIED,
          located,
          "spec",
          "Telemetry is not applied: " + parts(located.resource()) + " as without it");
    }
    for (Located<ProxyConfig> located : facts.all(ProxyConfig.class)) {
      findings.add(
          DiagnosticCode.KIND_NOT_APPLIED,
          located,
          "spec",
          "ProxyConfig is not applied: proxies start as without it");
    }
  }

  private static String parts(Telemetry telemetry) {
    List<String> parts = new ArrayList<>();
    if (!telemetry.tracing().isEmpty()) {
      parts.add("traces");
    }
    if (!telemetry.metrics().isEmpty()) {
      parts.add("metrics");
    }
    if (!telemetry.accessLogging().isEmpty()) {
      parts.add("access logs");
    }
    return parts.isEmpty() ? "everything is" : String.join(", ", parts) + " are";
  }
}
