package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.resource.DestinationRule.TrafficPolicy;
import dev.meshctl.model.resource.MeshConfig;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which DestinationRule speaks for a host, as a client sees it (Istio's order): that of the
 * client's own namespace, then one exported from the service's, then one exported from the root
 * namespace. Within a namespace the most specific host wins; of several rules for it see {@link
 * RuleGroups}.
 *
 * <p>Threads: any; immutable.
 */
public final class DestinationRules {
  private static final String OWN = ".";

  /** By namespace: what its own clients see. */
  private final Map<String, RuleGroups> local = new HashMap<>();

  /** By namespace: what others see, too. */
  private final Map<String, RuleGroups> exported = new HashMap<>();

  private final RuleGroups rootLocal = new RuleGroups();
  private final String rootNamespace;

  /** Of those that say nothing of it. */
  private final List<String> exportTo;

  private DestinationRules(
      List<DestinationRule> rules, List<String> exportTo, String rootNamespace) {
    this.exportTo = exportTo;
    this.rootNamespace = rootNamespace;
    rules.forEach(this::add);
  }

  private void add(DestinationRule rule) {
    String namespace = rule.metadata().namespace();
    // What is for some workloads of a namespace is nobody else's.
    Set<String> seenBy =
        rule.workloadSelector().isEmpty() ? Set.copyOf(exportTo(rule)) : Set.of(OWN);
    if (Visibility.reaches(List.copyOf(seenBy), namespace, namespace)) {
      local.computeIfAbsent(namespace, n -> new RuleGroups()).add(rule, seenBy);
    }
    boolean keptToItself =
        seenBy.size() == 1 && (seenBy.contains(OWN) || seenBy.contains(namespace));
    if (!keptToItself) {
      exported.computeIfAbsent(namespace, n -> new RuleGroups()).add(rule, seenBy);
    } else if (namespace.equals(rootNamespace)) {
      rootLocal.add(rule, seenBy);
    }
  }

  private List<String> exportTo(DestinationRule rule) {
    return rule.exportTo().isEmpty() ? exportTo : rule.exportTo();
  }

  public static DestinationRules of(ValidatedMesh mesh) {
    return of(mesh.resources().stream().map(Located::resource).toList(), mesh.rootNamespace());
  }

  /** Of resources that may not be validated yet. */
  public static DestinationRules of(
      Collection<? extends MeshResource> resources, String rootNamespace) {
    return new DestinationRules(
        Precedence.ordered(resources, DestinationRule.class, Precedence.ISTIO),
        MeshConfig.in(resources).destinationRuleExportTo(),
        rootNamespace);
  }

  /** Every policy that may be in force for somebody. */
  public Stream<TrafficPolicy> policies() {
    return Stream.of(local.values().stream(), exported.values().stream(), Stream.of(rootLocal))
        .flatMap(groups -> groups)
        .flatMap(RuleGroups::all)
        .flatMap(DestinationRules::policies);
  }

  private static Stream<TrafficPolicy> policies(DestinationRule rule) {
    Set<Integer> ports = new HashSet<>(Set.of(0));
    rule.trafficPolicy().ifPresent(policy -> ports.addAll(policy.portLevel().keySet()));
    List<String> subsets = new ArrayList<>(List.of(""));
    rule.subsets()
        .forEach(subset -> {
          subsets.add(subset.name());
          subset.trafficPolicy().ifPresent(policy -> ports.addAll(policy.portLevel().keySet()));
        });
    return subsets.stream()
        .flatMap(
            subset -> ports.stream().flatMap(port -> effectivePolicy(rule, subset, port).stream()));
  }

  /** The host of a rule, in full. */
  public static String fullHost(DestinationRule rule) {
    return HostNames.resolve(rule.host(), rule.metadata().namespace());
  }

  /** The rule for a service as a client in a namespace sees it, whatever its labels. */
  public Optional<DestinationRule> forHost(MeshService service, String clientNamespace) {
    return forHost(service, clientNamespace, Map.of());
  }

  /**
   * The rule for a service as a client sees it, put together from all that are joined.
   *
   * @param labels of the client
   */
  public Optional<DestinationRule> forHost(
      MeshService service, String clientNamespace, Map<String, String> labels) {
    String host = service.hostname();
    Optional<List<RuleGroups.Joined>> own =
        clientNamespace.equals(rootNamespace)
            ? rootLocal.mostSpecific(host)
            : in(local, clientNamespace).flatMap(groups -> groups.mostSpecific(host));
    if (own.isPresent()) {
      return RuleGroups.of(own.get(), clientNamespace, labels);
    }
    return exported(service.namespace(), host, clientNamespace)
        .or(() -> exported(rootNamespace, host, clientNamespace));
  }

  /** All rules that are in force for a service with some labels of a client. */
  public List<DestinationRule> anyFor(MeshService service, String clientNamespace) {
    return Stream.concat(
            in(local, clientNamespace)
                .flatMap(groups -> groups.mostSpecific(service.hostname()))
                .stream()
                .flatMap(List::stream)
                .map(RuleGroups.Joined::rule),
            forHost(service, clientNamespace).stream())
        .distinct()
        .toList();
  }

  private Optional<DestinationRule> exported(
      String owner, String hostname, String clientNamespace) {
    List<RuleGroups.Joined> reaching =
        in(exported, owner).flatMap(groups -> groups.mostSpecific(hostname)).stream()
            .flatMap(List::stream)
            .filter(joined ->
                Visibility.reaches(List.copyOf(joined.exportTo()), owner, clientNamespace))
            .toList();
    return RuleGroups.of(reaching, clientNamespace, Map.of());
  }

  private static Optional<RuleGroups> in(Map<String, RuleGroups> byNamespace, String namespace) {
    return Optional.ofNullable(byNamespace.get(namespace));
  }

  /** The subset of that name, as the rule for the host defines it. */
  public Optional<DestinationRule.Subset> subset(
      MeshService service, String clientNamespace, Map<String, String> labels, String subset) {
    return forHost(service, clientNamespace, labels).stream()
        .flatMap(rule -> rule.subsets().stream())
        .filter(candidate -> candidate.name().equals(subset))
        .findFirst();
  }

  /**
   * What holds for a subset at a port: each setting from the subset where it is written there, else
   * from the rule. Settings for a port stand in place of all others of their level: what they leave
   * out is the default, not the level's.
   *
   * @param subset empty is the rule's own policy
   */
  public static Optional<TrafficPolicy> effectivePolicy(
      DestinationRule rule, String subset, int port) {
    Optional<TrafficPolicy> wide = rule.trafficPolicy().map(policy -> policy.atPort(port));
    Optional<TrafficPolicy> own =
        rule.subsets().stream()
            .filter(candidate -> candidate.name().equals(subset))
            .findFirst()
            .flatMap(DestinationRule.Subset::trafficPolicy);
    if (own.isEmpty() || wide.isEmpty() || own.get().portLevel().containsKey(port)) {
      return own.map(policy -> policy.atPort(port)).or(() -> wide);
    }
    return Optional.of(joined(own.get(), wide.get()));
  }

  private static TrafficPolicy joined(TrafficPolicy narrow, TrafficPolicy wide) {
    // A load balancer is one setting: a simple one of the subset ends the rule's hash.
    boolean ownBalancer =
        narrow.loadBalancer().isPresent()
            || narrow.consistentHash().isPresent()
            || narrow.warmup().isPresent()
            || narrow.localityLb().isPresent();
    TrafficPolicy balancer = ownBalancer ? narrow : wide;
    return new TrafficPolicy(
        balancer.loadBalancer(),
        narrow.connectionPool().or(wide::connectionPool),
        narrow.outlierDetection().or(wide::outlierDetection),
        narrow.tls().or(wide::tls),
        balancer.consistentHash(),
        balancer.warmup(),
        balancer.localityLb());
  }
}
