package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.HeaderEdits;
import dev.meshctl.model.resource.MeshConfig;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.StringMatch;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.resource.VirtualService.Delegate;
import dev.meshctl.model.resource.VirtualService.Destination;
import dev.meshctl.model.resource.VirtualService.HttpAction;
import dev.meshctl.model.resource.VirtualService.HttpMatch;
import dev.meshctl.model.resource.VirtualService.HttpRule;
import dev.meshctl.model.resource.VirtualService.Mirror;
import dev.meshctl.model.resource.VirtualService.Origin;
import dev.meshctl.model.resource.VirtualService.RouteDestination;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * VirtualServices that leave rules to others (Istio {@code delegate}). A delegate has no hosts; its
 * rules stand in place of the rule that names it, each within that rule's conditions: a rule of the
 * delegate that asks for what the first rules out is left out. What the delegate does not say of
 * rewriting, timeout, retries, faults, mirrors and headers, the first rule says.
 *
 * <p>Threads: any; immutable.
 */
public final class Delegation {
  private final Map<String, VirtualService> delegates = new HashMap<>();
  private final List<String> exportTo;

  private Delegation(Collection<? extends MeshResource> resources) {
    this.exportTo = MeshConfig.in(resources).virtualServiceExportTo();
    for (VirtualService virtualService :
        Precedence.ordered(resources, VirtualService.class, Precedence.ISTIO)) {
      if (virtualService.hosts().isEmpty()) {
        delegates.put(
            key(virtualService.metadata().namespace(), virtualService.metadata().name()),
            virtualService);
      }
    }
  }

  public static Delegation of(Collection<? extends MeshResource> resources) {
    return new Delegation(resources);
  }

  private static String key(String namespace, String name) {
    return namespace + "/" + name;
  }

  /** The delegate of a rule, seen from the namespace of its VirtualService. */
  public Optional<VirtualService> find(Delegate delegate, String namespace) {
    String owner = delegate.namespace().isEmpty() ? namespace : delegate.namespace();
    return Optional.ofNullable(delegates.get(key(owner, delegate.name())))
        .filter(found ->
            Visibility.reaches(
                found.exportTo().isEmpty() ? exportTo : found.exportTo(), owner, namespace));
  }

  /** The VirtualService with the rules of its delegates in place of those that name them. */
  public VirtualService whole(VirtualService root) {
    if (root.http().stream().allMatch(rule -> rule.delegate().isEmpty())) {
      return root;
    }
    List<HttpRule> rules = new ArrayList<>();
    for (int i = 0; i < root.http().size(); i++) {
      HttpRule rule = root.http().get(i);
      if (rule.delegate().isPresent()) {
        rules.addAll(delegated(root, rule));
      } else {
        rules.add(rule.madeFrom(new Origin(root.id(), "spec.http[" + i + "]")));
      }
    }
    return new VirtualService(
        root.metadata(),
        root.hosts(),
        root.gateways(),
        rules,
        root.tcp(),
        root.tls(),
        root.exportTo());
  }

  /** The rules that stand in place of one that names a delegate; none where that is not there. */
  public List<HttpRule> delegated(VirtualService root, HttpRule rule) {
    String namespace = root.metadata().namespace();
    Optional<VirtualService> found = rule.delegate().flatMap(to -> find(to, namespace));
    if (found.isEmpty()) {
      return List.of();
    }
    VirtualService delegate = found.get();
    HttpRule outer = full(rule, namespace);
    List<HttpRule> rules = new ArrayList<>();
    for (int i = 0; i < delegate.http().size(); i++) {
      HttpRule own = delegate.http().get(i);
      Origin origin = new Origin(delegate.id(), "spec.http[" + i + "]");
      // Delegates have no delegates.
      if (own.delegate().isEmpty()) {
        joined(outer, full(own, delegate.metadata().namespace()))
            .ifPresent(joined -> rules.add(joined.madeFrom(origin)));
      }
    }
    return rules;
  }

  private static Optional<HttpRule> joined(HttpRule outer, HttpRule own) {
    Optional<List<HttpMatch>> match = matches(outer.match(), own.match());
    return match.map(both ->
        new HttpRule(
            name(outer.name(), own.name()),
            both,
            action(outer.action(), own.action()),
            own.headers().equals(HeaderEdits.NONE) ? outer.headers() : own.headers()));
  }

  private static String name(String outer, String own) {
    if (own.isEmpty() || outer.isEmpty()) {
      return own + outer;
    }
    return outer + "-" + own;
  }

  private static HttpAction action(HttpAction outer, HttpAction own) {
    if (!(own instanceof HttpAction.Forward forward)
        || !(outer instanceof HttpAction.Forward settings)) {
      return own;
    }
    return new HttpAction.Forward(
        forward.route(),
        forward.rewrite().or(settings::rewrite),
        forward.timeout().or(settings::timeout),
        forward.retries().or(settings::retries),
        forward.fault().or(settings::fault),
        forward.mirrors().isEmpty() ? settings.mirrors() : forward.mirrors());
  }

  /** Empty where a match of the delegate is within none of the outer ones. */
  private static Optional<List<HttpMatch>> matches(List<HttpMatch> outer, List<HttpMatch> own) {
    if (outer.isEmpty() || own.isEmpty()) {
      return Optional.of(outer.isEmpty() ? own : outer);
    }
    List<HttpMatch> both = new ArrayList<>();
    for (HttpMatch narrow : own) {
      List<HttpMatch> within =
          outer.stream()
              .filter(wide -> !conflict(wide, narrow))
              .map(wide -> joined(wide, narrow))
              .toList();
      if (within.isEmpty()) {
        return Optional.empty();
      }
      both.addAll(within);
    }
    return Optional.of(both);
  }

  private static HttpMatch joined(HttpMatch wide, HttpMatch narrow) {
    return new HttpMatch(
        name(wide.name(), narrow.name()),
        narrow.uri().or(wide::uri),
        narrow.scheme().or(wide::scheme),
        narrow.method().or(wide::method),
        narrow.authority().or(wide::authority),
        both(wide.headers(), narrow.headers()),
        both(wide.withoutHeaders(), narrow.withoutHeaders()),
        both(wide.queryParams(), narrow.queryParams()),
        narrow.ignoreUriCase(),
        narrow.port() == 0 ? wide.port() : narrow.port(),
        both(wide.sourceLabels(), narrow.sourceLabels()),
        narrow.sourceNamespace().isEmpty() ? wide.sourceNamespace() : narrow.sourceNamespace(),
        narrow.gateways().isEmpty() ? wide.gateways() : narrow.gateways());
  }

  private static <V> Map<String, V> both(Map<String, V> wide, Map<String, V> narrow) {
    Map<String, V> all = new LinkedHashMap<>(wide);
    all.putAll(narrow);
    return all;
  }

  private static boolean conflict(HttpMatch wide, HttpMatch narrow) {
    return conflict(wide.uri(), narrow.uri())
        || conflict(wide.scheme(), narrow.scheme())
        || conflict(wide.method(), narrow.method())
        || conflict(wide.authority(), narrow.authority())
        || conflict(wide.headers(), narrow.headers())
        || conflict(wide.withoutHeaders(), narrow.withoutHeaders())
        || conflict(wide.queryParams(), narrow.queryParams())
        || wide.ignoreUriCase() != narrow.ignoreUriCase()
        || (wide.port() > 0 && narrow.port() > 0 && wide.port() != narrow.port())
        || (!wide.sourceNamespace().isEmpty()
            && !wide.sourceNamespace().equals(narrow.sourceNamespace()))
        || narrow.sourceLabels().entrySet().stream()
            .anyMatch(label ->
                wide.sourceLabels().containsKey(label.getKey())
                    && !Objects.equals(wide.sourceLabels().get(label.getKey()), label.getValue()))
        || (!wide.gateways().isEmpty()
            && !narrow.gateways().isEmpty()
            && !wide.gateways().containsAll(narrow.gateways()));
  }

  private static boolean conflict(Map<String, StringMatch> wide, Map<String, StringMatch> narrow) {
    return narrow.entrySet().stream()
        .anyMatch(entry ->
            conflict(Optional.ofNullable(wide.get(entry.getKey())), Optional.of(entry.getValue())));
  }

  /** Whether what the delegate asks for is not within what the outer rule asks for. */
  private static boolean conflict(Optional<StringMatch> wide, Optional<StringMatch> narrow) {
    if (wide.isEmpty() || narrow.isEmpty()) {
      return false;
    }
    return switch (wide.get()) {
      case StringMatch.Exact exact -> !exact.equals(narrow.get());
      case StringMatch.Prefix(var prefix) ->
          switch (narrow.get()) {
            case StringMatch.Prefix(var longer) -> !longer.startsWith(prefix);
            case StringMatch.Exact(var value) -> !value.startsWith(prefix);
            case StringMatch.Regex regex -> true;
            case StringMatch.Present present -> true;
          };
      case StringMatch.Regex regex -> true;
      case StringMatch.Present present -> true;
    };
  }

  /** The rule with hosts and gateways in full, so that it means the same in another namespace. */
  private static HttpRule full(HttpRule rule, String namespace) {
    List<HttpMatch> match =
        rule.match().stream()
            .map(each ->
                each.at(
                    each.gateways().stream()
                        .map(name -> GatewayBindings.fullName(name, namespace))
                        .toList()))
            .toList();
    HttpAction action =
        rule.action() instanceof HttpAction.Forward forward
            ? new HttpAction.Forward(
                forward.route().stream()
                    .map(to ->
                        new RouteDestination(
                            full(to.destination(), namespace), to.weight(), to.headers()))
                    .toList(),
                forward.rewrite(),
                forward.timeout(),
                forward.retries(),
                forward.fault(),
                forward.mirrors().stream()
                    .map(to -> new Mirror(full(to.destination(), namespace), to.percentage()))
                    .toList())
            : rule.action();
    return new HttpRule(rule.name(), match, action, rule.headers());
  }

  private static Destination full(Destination to, String namespace) {
    return new Destination(HostNames.resolve(to.host(), namespace), to.subset(), to.port());
  }
}
