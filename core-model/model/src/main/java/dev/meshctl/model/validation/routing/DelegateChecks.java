package dev.meshctl.model.validation.routing;

import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.resource.VirtualService.Delegate;
import dev.meshctl.model.resource.VirtualService.HttpRule;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.Delegation;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import java.util.List;
import java.util.Optional;

/** VirtualServices that leave rules to others, and those others. */
final class DelegateChecks {
  private static final String KIND = "VirtualService";

  private DelegateChecks() {}

  /** A rule that names a delegate: whether anything stands in its place. */
  static void rule(Located<VirtualService> located, int index, Facts facts, Findings findings) {
    VirtualService root = located.resource();
    HttpRule rule = root.http().get(index);
    Delegate delegate = rule.delegate().orElseThrow();
    String namespace =
        delegate.namespace().isEmpty() ? root.metadata().namespace() : delegate.namespace();
    if (!facts.mayExist(KIND, namespace, delegate.name())) {
      problem(root, rule, namespace + "/" + delegate.name(), facts)
          .ifPresent(problem ->
              findings.add(
                  DiagnosticCode.DELEGATES_TO_NOTHING,
                  located,
                  "spec.http[" + index + "].delegate",
                  problem));
    }
  }

  private static Optional<String> problem(
      VirtualService root, HttpRule rule, String full, Facts facts) {
    String named = "'" + full + "' ";
    if (root.hosts().isEmpty()) {
      return Optional.of(named + "is not asked: a delegate has no delegates");
    }
    Delegate delegate = rule.delegate().orElseThrow();
    Optional<MeshResource> there =
        facts.find(KIND, full.substring(0, full.indexOf('/')), delegate.name());
    if (!(there.orElse(null) instanceof VirtualService found)) {
      return Optional.of(named + "is not there");
    }
    if (!found.hosts().isEmpty()) {
      return Optional.of(named + "has hosts, so that it is no delegate");
    }
    Delegation delegation = Delegation.of(facts.plain());
    String namespace = root.metadata().namespace();
    if (delegation.find(delegate, namespace).isEmpty()) {
      return Optional.of(named + "is not exported to " + namespace);
    }
    List<HttpRule> taken = delegation.delegated(root, rule);
    long own = found.http().stream().filter(each -> each.delegate().isEmpty()).count();
    return taken.size() == own
        ? Optional.empty()
        : Optional.of(
            named + "has " + own + " rules, of which " + taken.size() + " are within this one");
  }

  /** A delegate that nobody names. */
  static void unused(Located<VirtualService> located, Facts facts, Findings findings) {
    VirtualService virtualService = located.resource();
    if (!virtualService.hosts().isEmpty()) {
      return;
    }
    boolean named =
        facts.all(VirtualService.class).stream()
            .map(Located::resource)
            .anyMatch(
                root -> root.http().stream().anyMatch(rule -> names(rule, root, virtualService)));
    if (!named) {
      findings.add(
          DiagnosticCode.UNUSED_DELEGATE,
          located,
          "spec",
          "has no hosts, and no VirtualService delegates to it");
    }
  }

  private static boolean names(HttpRule rule, VirtualService root, VirtualService delegate) {
    return rule.delegate()
        .filter(to -> to.name().equals(delegate.metadata().name()))
        .filter(to ->
            (to.namespace().isEmpty() ? root.metadata().namespace() : to.namespace())
                .equals(delegate.metadata().namespace()))
        .isPresent();
  }
}
