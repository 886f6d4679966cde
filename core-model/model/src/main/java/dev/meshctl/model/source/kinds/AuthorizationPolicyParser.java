package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.AuthorizationPolicy;
import dev.meshctl.model.resource.AuthorizationPolicy.Action;
import dev.meshctl.model.resource.AuthorizationPolicy.Condition;
import dev.meshctl.model.resource.AuthorizationPolicy.Rule;
import dev.meshctl.model.resource.AuthorizationPolicy.Tests;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.source.yaml.YamlObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Istio's AuthorizationPolicy. A rule that asks for what is not applied is marked, not dropped. */
final class AuthorizationPolicyParser {
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
    spec.ifPresent(s -> s.notApplied("provider", "targetRef", "targetRefs"));
    List<Rule> rules = new ArrayList<>();
    spec.ifPresent(s -> s.objects("rules").forEach(rule -> rules.add(rule(rule))));
    return new AuthorizationPolicy(
        metadata,
        spec.map(s -> Shared.matchLabels(s, "selector")).orElse(Map.of()),
        spec.flatMap(s -> s.word("action", ACTIONS)).orElse(Action.ALLOW),
        rules);
  }

  private static Rule rule(YamlObject rule) {
    boolean notApplied = false;
    List<Tests> from = new ArrayList<>();
    for (YamlObject entry : rule.objects("from")) {
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
    for (YamlObject entry : rule.objects("to")) {
      entry.requiredObject("operation").ifPresent(op -> to.add(tests(op, OPERATIONS)));
    }
    List<Condition> when = new ArrayList<>();
    for (YamlObject condition : rule.objects("when")) {
      when.add(
          new Condition(
              condition.requiredText("key"),
              condition.texts("values"),
              condition.texts("notValues")));
    }
    return new Rule(from, to, when, notApplied);
  }

  private static Tests tests(YamlObject from, List<String> names) {
    List<Condition> fields = new ArrayList<>();
    for (String name : names) {
      String twin = "not" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
      Condition field = new Condition(name, from.texts(name), from.texts(twin));
      if (!field.values().isEmpty() || !field.notValues().isEmpty()) {
        fields.add(field);
      }
    }
    return new Tests(fields);
  }
}
