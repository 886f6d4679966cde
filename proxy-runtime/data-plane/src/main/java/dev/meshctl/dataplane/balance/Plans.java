package dev.meshctl.dataplane.balance;

import dev.meshctl.dataplane.balance.LoadPlan.Members;
import dev.meshctl.model.xds.Labels;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * All plans of one moment: of the whole cluster, of its subsets, and of what is left where some
 * priorities are not wanted. Made anew when health or hosts change.
 *
 * <p>Thread: one event loop.
 */
final class Plans<A> {
  private final List<Members<A>> members;
  private final LoadPlan.Policy policy;
  private final HashTables tables;
  private final RandomGenerator dice;
  private final LoadPlan<A> whole;
  private final @Nullable SubsetPlans<A> subsets;

  /** By the priorities that are left out. */
  private final Map<Long, Plans<A>> parts = new HashMap<>(0);

  Plans(List<Members<A>> members, LoadPlan.Policy policy, HashTables tables, RandomGenerator dice) {
    this.members = members;
    this.policy = policy;
    this.tables = tables;
    this.dice = dice;
    this.subsets =
        policy
            .options()
            .subsets()
            .map(config -> new SubsetPlans<>(config, members, policy, tables, dice))
            .orElse(null);
    this.whole = new LoadPlan<>(members, policy, tables, dice);
  }

  LoadPlan<A> of(Labels wanted) {
    return subsets == null ? whole : subsets.of(wanted);
  }

  /**
   * The same without some priorities; with all where nobody would be left.
   *
   * @param without a bit for each of the first 64
   */
  LoadPlan<A> of(Labels wanted, long without) {
    if (without == 0) {
      return of(wanted);
    }
    Plans<A> part = parts.get(without);
    if (part == null) {
      part =
          new Plans<>(
              members.stream().filter(group -> !isIn(group.priority(), without)).toList(),
              policy,
              tables,
              dice);
      parts.put(without, part);
    }
    LoadPlan<A> left = part.of(wanted);
    return left.isEmpty() ? of(wanted) : left;
  }

  private static boolean isIn(int priority, long set) {
    return priority < Long.SIZE && (set & 1L << priority) != 0;
  }

  /** Weights of hosts have changed, but nobody's health. */
  void reweigh() {
    whole.reweigh(dice);
    if (subsets != null) {
      subsets.reweigh();
    }
    parts.values().forEach(Plans::reweigh);
  }

  boolean isPanic() {
    return whole.isPanic();
  }
}
