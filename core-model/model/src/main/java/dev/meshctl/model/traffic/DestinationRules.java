package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which DestinationRule speaks for a host, as a client sees it (Istio's order): the client's own
 * namespace, then the service's, then the root namespace. Within a namespace the most specific host
 * wins, then the first by name.
 *
 * <p>Threads: any; immutable.
 */
public final class DestinationRules {
  private final Map<String, ByHost<DestinationRule>> byNamespace = new HashMap<>();
  private final String rootNamespace;

  private DestinationRules(List<DestinationRule> rules, String rootNamespace) {
    this.rootNamespace = rootNamespace;
    for (DestinationRule rule : rules) {
      byNamespace
          .computeIfAbsent(rule.metadata().namespace(), namespace -> new ByHost<>())
          .add(rule, List.of(fullHost(rule)));
    }
  }

  public static DestinationRules of(ValidatedMesh mesh) {
    return of(mesh.resources().stream().map(Located::resource).toList(), mesh.rootNamespace());
  }

  /** Of resources that may not be validated yet. */
  public static DestinationRules of(
      Collection<? extends MeshResource> resources, String rootNamespace) {
    return new DestinationRules(
        resources.stream()
            .filter(DestinationRule.class::isInstance)
            .map(DestinationRule.class::cast)
            .sorted(
                Comparator.comparing(DestinationRules::fullHost, HostNames.MOST_SPECIFIC_FIRST)
                    .thenComparing(rule -> rule.id().toString()))
            .toList(),
        rootNamespace);
  }

  /** The host of a rule, in full. */
  public static String fullHost(DestinationRule rule) {
    return HostNames.resolve(rule.host(), rule.metadata().namespace());
  }

  /** The rule for a service as a client in a namespace sees it. */
  public Optional<DestinationRule> forHost(MeshService service, String clientNamespace) {
    return forHost(service.hostname(), service.namespace(), clientNamespace);
  }

  /**
   * The rule for a full host name.
   *
   * @param serviceNamespace of the resource that declares the host
   */
  public Optional<DestinationRule> forHost(
      String hostname, String serviceNamespace, String clientNamespace) {
    return in(clientNamespace, hostname, clientNamespace)
        .or(() -> in(serviceNamespace, hostname, clientNamespace))
        .or(() -> in(rootNamespace, hostname, clientNamespace));
  }

  /** The subset of that name, as the rule for the host defines it. */
  public Optional<DestinationRule.Subset> subset(
      MeshService service, String clientNamespace, String subset) {
    return forHost(service, clientNamespace).stream()
        .flatMap(rule -> rule.subsets().stream())
        .filter(candidate -> candidate.name().equals(subset))
        .findFirst();
  }

  /**
   * What holds for a subset: each setting from the subset where it is written there, else from the
   * rule. An empty subset name is the rule's own policy.
   */
  public static Optional<DestinationRule.TrafficPolicy> effectivePolicy(
      DestinationRule rule, String subset) {
    Optional<DestinationRule.TrafficPolicy> own =
        rule.subsets().stream()
            .filter(candidate -> candidate.name().equals(subset))
            .findFirst()
            .flatMap(DestinationRule.Subset::trafficPolicy);
    if (own.isEmpty() || rule.trafficPolicy().isEmpty()) {
      return own.or(rule::trafficPolicy);
    }
    DestinationRule.TrafficPolicy narrow = own.get();
    DestinationRule.TrafficPolicy wide = rule.trafficPolicy().get();
    return Optional.of(
        new DestinationRule.TrafficPolicy(
            narrow.loadBalancer().or(wide::loadBalancer),
            narrow.connectionPool().or(wide::connectionPool),
            narrow.outlierDetection().or(wide::outlierDetection),
            narrow.tls().or(wide::tls),
            // A load balancer is one setting: a simple one of the subset ends the rule's hash.
            narrow.loadBalancer().isPresent()
                ? narrow.consistentHash()
                : narrow.consistentHash().or(wide::consistentHash),
            narrow.warmup().or(wide::warmup),
            narrow.loadBalancer().isPresent()
                ? narrow.localityLb()
                : narrow.localityLb().or(wide::localityLb)));
  }

  private Optional<DestinationRule> in(String namespace, String hostname, String clientNamespace) {
    ByHost<DestinationRule> rules = byNamespace.get(namespace);
    return rules == null
        ? Optional.empty()
        : rules.matching(hostname).stream()
            .filter(rule ->
                Visibility.reaches(
                    rule.exportTo().isEmpty() ? Visibility.EVERYONE : rule.exportTo(),
                    namespace,
                    clientNamespace))
            .findFirst();
  }
}
