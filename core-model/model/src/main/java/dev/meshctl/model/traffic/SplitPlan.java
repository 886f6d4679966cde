package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.resource.HttpRoute;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.source.Position;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.Suggestion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Turns the names and weights of a request into a change of a rule, or into findings. */
final class SplitPlan {
  /** The Gateway API's largest weight. */
  private static final int LARGEST_WEIGHT = 1_000_000;

  private static final String ROOT_NAMESPACE = "istio-system";
  private static final String VERSION_LABEL = "version";

  private final SplitRule rule;
  private final SplitRequest request;
  private final SplitLookup lookup;
  private final List<Diagnostic> reasons = new ArrayList<>();

  private SplitPlan(SplitRule rule, SplitRequest request, SplitLookup lookup) {
    this.rule = rule;
    this.request = request;
    this.lookup = lookup;
  }

  /** What became of a request. */
  sealed interface Planned {
    record Change(SplitChange change) implements Planned {}

    record Refused(List<Diagnostic> reasons) implements Planned {}
  }

  static Planned of(SplitRule rule, SplitRequest request, SplitLookup lookup) {
    SplitPlan plan = new SplitPlan(rule, request, lookup);
    plan.checkWeights();
    SplitChange change = plan.change();
    return plan.reasons.isEmpty() ? new Planned.Change(change) : new Planned.Refused(plan.reasons);
  }

  private void checkWeights() {
    if (request.weights().isEmpty()) {
      refuse(
          DiagnosticCode.NO_WEIGHTS,
          rule.position(),
          "no weights are given for " + Suggestion.list(allowedNames()),
          DiagnosticCode.NO_WEIGHTS.fix());
      return;
    }
    request
        .weights()
        .forEach((name, weight) -> {
          if (weight < 0 || weight > LARGEST_WEIGHT) {
            refuse(
                DiagnosticCode.NEGATIVE_WEIGHT,
                positionOf(name),
                name + "=" + weight + " (expected: 0 to " + LARGEST_WEIGHT + ")",
                weight < 0 ? "raise it" : "lower it");
          }
        });
    if (request.weights().values().stream().allMatch(weight -> weight == 0)) {
      refuse(
          DiagnosticCode.ALL_WEIGHTS_ZERO,
          rule.position(),
          "all weights asked for are 0, and what is not named gets 0 (expected: one above 0)",
          DiagnosticCode.ALL_WEIGHTS_ZERO.fix());
    }
  }

  private SplitChange change() {
    Map<Integer, Integer> byIndex = new LinkedHashMap<>();
    List<SplitChange.Added> added = new ArrayList<>();
    request
        .weights()
        .forEach((name, weight) -> {
          List<Integer> indices = indicesOf(name);
          if (indices.size() > 1) {
            refuse(
                DiagnosticCode.NOT_EDITABLE,
                rule.position(),
                "'" + name + "' is the name of several destinations of the rule",
                DiagnosticCode.NOT_EDITABLE.fix());
          } else if (indices.size() == 1) {
            byIndex.put(indices.getFirst(), weight);
          } else {
            missing(name, weight).ifPresent(added::add);
          }
        });
    List<Integer> weights = new ArrayList<>();
    for (int i = 0; i < rule.destinations().size(); i++) {
      weights.add(byIndex.getOrDefault(i, 0));
    }
    return new SplitChange(weights, added);
  }

  private List<Integer> indicesOf(String name) {
    List<Integer> byName = new ArrayList<>();
    List<Integer> byVersion = new ArrayList<>();
    for (int i = 0; i < rule.destinations().size(); i++) {
      SplitRule.Target target = rule.destinations().get(i);
      if (target.name().equals(name)) {
        byName.add(i);
      } else if (isRoute() && version(target.host()).equals(Optional.of(name))) {
        byVersion.add(i);
      }
    }
    return byName.isEmpty() ? byVersion : byName;
  }

  /** The version that a Service selects, where it selects one. */
  private Optional<String> version(String host) {
    return lookup
        .services()
        .find(host)
        .map(MeshService::backing)
        .flatMap(backing ->
            backing instanceof MeshService.Backing.Workloads pods
                ? Optional.ofNullable(pods.selector().get(VERSION_LABEL))
                : Optional.empty());
  }

  /** A destination that exists and that the rule does not list yet. */
  private Optional<SplitChange.Added> missing(String name, int weight) {
    SplitRule.Target like = rule.destinations().getFirst();
    if (!isRoute() && subsets().contains(name)) {
      return Optional.of(new SplitChange.Added(like.written(), name, like.port(), weight));
    }
    Optional<MeshService> service =
        isRoute() ? lookup.services().service(namespace(), name) : Optional.empty();
    Optional<Integer> port = service.flatMap(s -> portOf(s, like.port()));
    if (port.isPresent()) {
      return Optional.of(new SplitChange.Added(name, "", port.get(), weight));
    }
    Set<String> allowed = allowedNames();
    String what = isRoute() ? "backend" : "subset";
    refuse(
        DiagnosticCode.UNKNOWN_DESTINATION,
        rule.position(),
        "'"
            + name
            + "' is no "
            + what
            + " of "
            + like.host()
            + " (expected: "
            + Suggestion.list(allowed)
            + ")",
        Suggestion.fix(name, allowed, DiagnosticCode.UNKNOWN_DESTINATION.fix()));
    return Optional.empty();
  }

  private static Optional<Integer> portOf(MeshService service, int preferred) {
    if (service.port(preferred).isPresent()) {
      return Optional.of(preferred);
    }
    return service.ports().size() == 1
        ? Optional.of(service.ports().getFirst().number())
        : Optional.empty();
  }

  /** Existing destinations first, then subsets that the rule does not list yet. */
  private Set<String> allowedNames() {
    Set<String> allowed = new LinkedHashSet<>();
    rule.destinations().forEach(target -> allowed.add(target.name()));
    if (!isRoute()) {
      allowed.addAll(subsets());
    }
    return allowed;
  }

  private List<String> subsets() {
    DestinationRules rules = DestinationRules.of(lookup.plain(), ROOT_NAMESPACE);
    String host = rule.destinations().getFirst().host();
    return lookup.services().find(host).flatMap(s -> rules.forHost(s, namespace())).stream()
        .flatMap(r -> r.subsets().stream())
        .map(DestinationRule.Subset::name)
        .toList();
  }

  private boolean isRoute() {
    return rule.resource().resource() instanceof HttpRoute;
  }

  private String namespace() {
    return rule.resource().resource().metadata().namespace();
  }

  private Position positionOf(String name) {
    List<Integer> indices = indicesOf(name);
    return indices.isEmpty()
        ? rule.position()
        : rule.resource().at(rule.listPath() + "[" + indices.getFirst() + "].weight");
  }

  private void refuse(DiagnosticCode code, Position position, String problem, String fix) {
    MeshResource resource = rule.resource().resource();
    reasons.add(code.at(resource.id().toString(), position, rule.listPath(), problem, fix));
  }
}
