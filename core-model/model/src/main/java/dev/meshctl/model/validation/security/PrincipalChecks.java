package dev.meshctl.model.validation.security;

import dev.meshctl.model.resource.AuthorizationPolicy;
import dev.meshctl.model.resource.AuthorizationPolicy.Condition;
import dev.meshctl.model.resource.AuthorizationPolicy.Rule;
import dev.meshctl.model.resource.AuthorizationPolicy.Tests;
import dev.meshctl.model.resource.PeerAuthentication.Mode;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.Suggestion;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import dev.meshctl.model.validation.facts.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Of whom and of what AuthorizationPolicies speak: that it exists, and can be known. */
final class PrincipalChecks {
  private static final Pattern PRINCIPAL = Pattern.compile("[^/]+/ns/([^/*]+)/sa/([^/*]+)");
  private static final Pattern GRPC = Pattern.compile("/[A-Za-z_][\\w.]*/[A-Za-z_*][\\w*]*");
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE");

  private PrincipalChecks() {}

  static void run(Facts facts, Findings findings) {
    for (Located<AuthorizationPolicy> policy : facts.all(AuthorizationPolicy.class)) {
      List<Rule> rules = policy.resource().rules();
      boolean identities = false;
      for (int i = 0; i < rules.size(); i++) {
        for (int j = 0; j < rules.get(i).from().size(); j++) {
          String path = "spec.rules[" + i + "].from[" + j + "].source";
          sources(policy, path, rules.get(i).from().get(j), facts, findings);
        }
        for (int j = 0; j < rules.get(i).to().size(); j++) {
          String path = "spec.rules[" + i + "].to[" + j + "].operation";
          operations(policy, path, rules.get(i).to().get(j), findings);
        }
        identities |= asksForIdentity(rules.get(i));
      }
      if (identities) {
        identity(policy, facts, findings);
      }
    }
  }

  private static boolean asksForIdentity(Rule rule) {
    Set<String> keys = Set.of("principals", "namespaces", "source.principal", "source.namespace");
    return rule.when().stream().anyMatch(when -> keys.contains(when.key()))
        || rule.from().stream()
            .flatMap(tests -> tests.fields().stream())
            .anyMatch(field -> keys.contains(field.key()));
  }

  private static void sources(
      Located<AuthorizationPolicy> policy,
      String path,
      Tests source,
      Facts facts,
      Findings findings) {
    for (Condition field : source.fields()) {
      List<String> all = new ArrayList<>(field.values());
      all.addAll(field.notValues());
      for (String value : all) {
        boolean negated = !field.values().contains(value);
        String at = path + "." + (negated ? not(field.key()) : field.key());
        if (field.key().equals("namespaces") && !value.contains("*")) {
          namespace(policy, at, value, facts, findings);
        }
        Matcher principal = PRINCIPAL.matcher(value);
        if (field.key().equals("principals") && principal.matches()) {
          account(policy, at, principal.group(1), principal.group(2), facts, findings);
        }
      }
    }
  }

  private static String not(String key) {
    return "not" + Character.toUpperCase(key.charAt(0)) + key.substring(1);
  }

  private static void namespace(
      Located<AuthorizationPolicy> policy,
      String path,
      String namespace,
      Facts facts,
      Findings findings) {
    if (!facts.namespaceMayExist(namespace)) {
      findings.add(
          DiagnosticCode.UNKNOWN_NAMESPACE,
          policy,
          path,
          "'" + namespace + "' has nothing in it",
          Suggestion.fix(namespace, facts.namespaces(), DiagnosticCode.UNKNOWN_NAMESPACE.fix()));
    }
  }

  /** Only where the namespace is known: of others nothing is said here at all. */
  private static void account(
      Located<AuthorizationPolicy> policy,
      String path,
      String namespace,
      String account,
      Facts facts,
      Findings findings) {
    if (facts.namespaceMayExist(namespace)) {
      if (!facts.namespaces().contains(namespace)
          || namespace.equals(facts.rootNamespace())
          || account.equals("default")
          || facts.accounts(namespace).contains(account)
          || facts.mayExist("ServiceAccount", namespace, account)) {
        return;
      }
      findings.add(
          DiagnosticCode.UNKNOWN_PRINCIPAL,
          policy,
          path,
          "no workload of " + namespace + " is '" + account + "'",
          Suggestion.fix(
              account, facts.accounts(namespace), DiagnosticCode.UNKNOWN_PRINCIPAL.fix()));
    } else {
      namespace(policy, path, namespace, facts, findings);
    }
  }

  private static void operations(
      Located<AuthorizationPolicy> policy, String path, Tests operation, Findings findings) {
    for (Condition field : operation.fields()) {
      if (!field.key().equals("methods")) {
        continue;
      }
      List<String> all = new ArrayList<>(field.values());
      all.addAll(field.notValues());
      for (String method : all) {
        if (!method.contains("*") && !METHODS.contains(method) && !GRPC.matcher(method).matches()) {
          findings.add(
              DiagnosticCode.UNKNOWN_METHOD,
              policy,
              path + (field.values().contains(method) ? ".methods" : ".notMethods"),
              "'" + method + "' is no method of HTTP",
              METHODS.contains(method.toUpperCase(java.util.Locale.ROOT))
                  ? "write " + method.toUpperCase(java.util.Locale.ROOT)
                  : DiagnosticCode.UNKNOWN_METHOD.fix());
        }
      }
    }
  }

  /** Who they are is known by mutual TLS alone. */
  private static void identity(
      Located<AuthorizationPolicy> policy, Facts facts, Findings findings) {
    String namespace = policy.resource().metadata().namespace();
    Optional<Member> open =
        facts.members(namespace).stream()
            .filter(member -> member.carries(policy.resource().selector()))
            .filter(member -> facts.peerModes().mode(namespace, member.labels(), 0) == Mode.DISABLE)
            .findFirst();
    if (open.isPresent() && policy.resource().targets().isEmpty()) {
      findings.add(
          DiagnosticCode.IDENTITY_NEVER_KNOWN,
          policy,
          "spec.rules",
          open.get().id() + " takes no mutual TLS (PeerAuthentication DISABLE)");
    }
  }
}
