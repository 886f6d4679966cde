package dev.meshctl.dataplane.balance;

import dev.meshctl.dataplane.balance.LoadPlan.Members;
import dev.meshctl.model.xds.Labels;
import dev.meshctl.model.xds.SubsetOptions;
import dev.meshctl.model.xds.SubsetOptions.Fallback;
import dev.meshctl.model.xds.SubsetOptions.Localities;
import dev.meshctl.model.xds.SubsetOptions.Selector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * The hosts of a cluster by what routes ask for, each subset with a plan of its own: made when it
 * is first asked for, and thrown away with all others when health or hosts change.
 *
 * <p>A pick is never outside its subset unless a fallback says so.
 *
 * <p>Thread: one event loop.
 */
final class SubsetPlans<A> {
  private final SubsetOptions config;
  private final List<Members<A>> members;
  private final LoadPlan.Policy policy;
  private final HashTables tables;
  private final RandomGenerator dice;

  /** By what was asked for: as many as the configuration has routes that differ. */
  private final Map<Labels, LoadPlan<A>> known = new HashMap<>();

  SubsetPlans(
      SubsetOptions config,
      List<Members<A>> members,
      LoadPlan.Policy policy,
      HashTables tables,
      RandomGenerator dice) {
    this.config = config;
    this.members = members;
    this.policy =
        config.localities() == Localities.UNWEIGHTED
            ? policy.with(policy.options().withLocalityWeights(false))
            : policy;
    this.tables = tables;
    this.dice = dice;
  }

  /**
   * Who may be picked; perhaps nobody.
   *
   * @param wanted of the configuration, never of requests: what it comes to is kept
   */
  LoadPlan<A> of(Labels wanted) {
    LoadPlan<A> plan = known.get(wanted);
    if (plan == null) {
      plan = chosen(wanted).orElseGet(this::fallback);
      known.put(wanted, plan);
    }
    return plan;
  }

  /** Weights of hosts have changed, but nobody's health. */
  void reweigh() {
    known.values().forEach(plan -> plan.reweigh(dice));
  }

  /** By the selector of just these keys; empty where the general fallback holds. */
  private Optional<LoadPlan<A>> chosen(Labels wanted) {
    Optional<Selector> selector =
        config.selectors().stream()
            .filter(one -> !wanted.isEmpty() && one.keys().equals(wanted.keys()))
            .findFirst();
    if (selector.isEmpty()) {
      return Optional.empty();
    }
    List<Members<A>> subset = those(wanted);
    if (!subset.isEmpty()) {
      return Optional.of(selector.get().singleHost() ? plan(firstOf(subset)) : plan(subset));
    }
    return selector
        .get()
        .fallback()
        .flatMap(fallback ->
            switch (fallback) {
              case Fallback.None none -> Optional.of(plan(List.of()));
              case Fallback.AnyEndpoint any -> Optional.of(plan(those(host -> true)));
              case Fallback.DefaultSubset some -> Optional.of(plan(those(config.defaultSubset())));
              case Fallback.FewerKeys(var keys) -> chosen(wanted.only(keys));
            });
  }

  private LoadPlan<A> fallback() {
    LoadPlan<A> plan =
        switch (config.fallback()) {
          case Fallback.None none -> plan(List.of());
          case Fallback.AnyEndpoint any -> plan(those(host -> true));
          case Fallback.DefaultSubset some -> plan(those(config.defaultSubset()));
          case Fallback.FewerKeys fewer -> plan(List.of());
        };
    boolean somebody = !(config.fallback() instanceof Fallback.None);
    return plan.isEmpty() && somebody && config.panicAny() ? plan(those(host -> true)) : plan;
  }

  private LoadPlan<A> plan(List<Members<A>> some) {
    return new LoadPlan<>(some, policy, tables, dice);
  }

  private List<Members<A>> those(Labels wanted) {
    return those(host -> host.endpoint().labels().have(wanted, config.listAsAny()));
  }

  private List<Members<A>> those(Predicate<Host<A>> wanted) {
    List<Members<A>> some = new ArrayList<>();
    for (Members<A> group : members) {
      List<Host<A>> hosts = group.hosts().stream().filter(wanted).toList();
      if (!hosts.isEmpty()) {
        some.add(
            new Members<>(group.locality(), group.priority(), weight(group, hosts.size()), hosts));
      }
    }
    return some;
  }

  private int weight(Members<A> group, int hosts) {
    if (config.localities() != Localities.SCALED || group.weight() == 0) {
      return group.weight();
    }
    return (int) Math.max(1, Math.round((double) group.weight() * hosts / group.hosts().size()));
  }

  /** One host, whatever its priority. */
  private List<Members<A>> firstOf(List<Members<A>> subset) {
    Members<A> first = subset.getFirst();
    return List.of(new Members<>(first.locality(), 0, 1, List.of(first.hosts().getFirst())));
  }
}
