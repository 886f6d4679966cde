package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.AuthorizationPolicy;
import dev.meshctl.model.resource.AuthorizationPolicy.Action;
import dev.meshctl.model.resource.AuthorizationPolicy.Condition;
import dev.meshctl.model.resource.AuthorizationPolicy.Rule;
import dev.meshctl.model.resource.AuthorizationPolicy.Target;
import dev.meshctl.model.resource.AuthorizationPolicy.TargetKind;
import dev.meshctl.model.resource.AuthorizationPolicy.Tests;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.validation.DiagnosticCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Istio's AuthorizationPolicy. A rule that asks for what is not applied is marked, not dropped; one
 * that Istio would refuse is an error here too.
 */
final class AuthorizationPolicyParser {
  private static final String GATEWAY_GROUP = "gateway.networking.k8s.io";
  private static final Map<String, Action> ACTIONS = new LinkedHashMap<>();
  private static final List<String> SOURCES =
      List.of("principals", "namespaces", "ipBlocks", "remoteIpBlocks");
  private static final List<String> OPERATIONS = List.of("hosts", "ports", "methods", "paths");
  private static final String[] SOURCES_NOT_APPLIED = {
    "requestPrincipals", "notRequestPrincipals", "serviceAccounts", "notServiceAccounts"
  };

  static {
    for (Action action : Action.values()) {
      ACTIONS.put(action.name(), action);
    }
  }

  private AuthorizationPolicyParser() {}

  static AuthorizationPolicy parse(Metadata metadata, YamlObject root) {
    Optional<YamlObject> spec = root.object("spec");
    spec.ifPresent(s -> s.notApplied("provider"));
    List<Rule> rules = new ArrayList<>();
    spec.ifPresent(s -> s.objects("rules").forEach(rule -> rules.add(rule(rule))));
    return new AuthorizationPolicy(
        metadata,
        // No matchExpressions: Istio has none, and without them the rest would cover too much.
        spec.flatMap(s -> s.object("selector").map(selector -> selector.textMap("matchLabels")))
            .orElse(Map.of()),
        spec.map(s -> targets(s, metadata)).orElse(List.of()),
        spec.flatMap(s -> s.word("action", ACTIONS)).orElse(Action.ALLOW),
        rules);
  }

  static List<Target> targets(YamlObject spec, Metadata policy) {
    List<Target> targets = new ArrayList<>();
    spec.object("targetRef").ifPresent(target -> targets.add(target(target, policy)));
    spec.objects("targetRefs").forEach(target -> targets.add(target(target, policy)));
    String written = spec.has("targetRef") ? "targetRef" : "targetRefs";
    if (spec.has("targetRef") && spec.has("targetRefs")) {
      spec.report(
          DiagnosticCode.CONFLICTING_FIELDS,
          "targetRef",
          "stands beside targetRefs (expected: one of them)");
    }
    if (spec.has("selector") && spec.has(written)) {
      spec.report(
          DiagnosticCode.CONFLICTING_FIELDS,
          "selector",
          "stands beside " + written + " (expected: one of them)");
    }
    if (spec.has(written) && targets.isEmpty()) {
      spec.report(
          DiagnosticCode.MISSING_FIELD, written, "has no target", "name one, or remove the field");
    }
    return targets;
  }

  private static Target target(YamlObject target, Metadata policy) {
    TargetKind kind =
        target
            .word("kind", Map.of("Gateway", TargetKind.GATEWAY, "Service", TargetKind.SERVICE))
            .orElse(TargetKind.GATEWAY);
    if (!target.has("kind")) {
      target.missing("kind");
    }
    target.word(
        "group",
        switch (kind) {
          case GATEWAY -> Map.of(GATEWAY_GROUP, kind);
          case SERVICE -> Map.of("", kind, "core", kind);
        });
    if (kind == TargetKind.GATEWAY && !target.has("group")) {
      target.missing("group");
    }
    target
        .text("namespace")
        .filter(namespace -> !namespace.isEmpty() && !namespace.equals(policy.namespace()))
        .ifPresent(namespace ->
            target.report(
                DiagnosticCode.UNKNOWN_VALUE,
                "namespace",
                "'" + namespace + "' (expected: the policy's own namespace)"));
    return new Target(kind, target.requiredText("name"));
  }

  private static Rule rule(YamlObject rule) {
    boolean notApplied = false;
    List<Tests> from = new ArrayList<>();
    for (YamlObject entry : some(rule, "from")) {
      Optional<YamlObject> source = entry.requiredObject("source");
      if (source.isPresent()) {
        for (String field : SOURCES_NOT_APPLIED) {
          notApplied |= source.get().has(field);
        }
        source.get().notApplied(SOURCES_NOT_APPLIED);
        from.add(tests(source.get(), SOURCES));
      }
    }
    List<Tests> to = new ArrayList<>();
    for (YamlObject entry : some(rule, "to")) {
      entry.requiredObject("operation").ifPresent(op -> to.add(tests(op, OPERATIONS)));
    }
    List<Condition> when = new ArrayList<>();
    for (YamlObject condition : some(rule, "when")) {
      when.add(condition(condition));
    }
    return new Rule(from, to, when, notApplied);
  }

  /** A list that, where it is written, has an entry: without one it would mean anybody. */
  private static List<YamlObject> some(YamlObject rule, String key) {
    List<YamlObject> entries = rule.objects(key);
    if (entries.isEmpty() && rule.isList(key)) {
      rule.report(
          DiagnosticCode.MISSING_FIELD, key, "has no entry", "add one, or remove the field");
    }
    return entries;
  }

  private static Condition condition(YamlObject condition) {
    String key = condition.requiredText("key");
    Condition read = new Condition(key, condition.texts("values"), condition.texts("notValues"));
    switch (AccessValues.key(key)) {
      case APPLIED -> {}
      case NOT_APPLIED ->
          condition.valueNotApplied(
              "key", "'" + key + "' is not asked here; its rule allows nothing or denies more");
      case UNKNOWN -> {
        if (!key.isEmpty()) {
          condition.report(
              DiagnosticCode.UNKNOWN_VALUE,
              "key",
              "'"
                  + key
                  + "' (expected: request.headers[NAME], source.ip, remote.ip, source.namespace,"
                  + " source.principal, destination.ip, destination.port or connection.sni)");
        }
      }
    }
    if (read.values().isEmpty() && read.notValues().isEmpty()) {
      condition.missing("values");
    }
    AccessValues.check(condition, "values", read.values(), key);
    AccessValues.check(condition, "notValues", read.notValues(), key);
    return read;
  }

  private static Tests tests(YamlObject from, List<String> names) {
    if (from.written().isEmpty()) {
      from.missing(names.getFirst());
    }
    List<Condition> fields = new ArrayList<>();
    for (String name : names) {
      String twin = "not" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
      Condition field = new Condition(name, values(from, name, name), values(from, twin, name));
      if (!field.values().isEmpty() || !field.notValues().isEmpty()) {
        fields.add(field);
      }
    }
    return new Tests(fields);
  }

  private static List<String> values(YamlObject from, String list, String meaning) {
    List<String> values = from.texts(list);
    if (values.isEmpty() && from.isList(list)) {
      from.report(
          DiagnosticCode.MISSING_FIELD, list, "has no value", "add one, or remove the field");
    }
    AccessValues.check(from, list, values, meaning);
    return values;
  }
}
