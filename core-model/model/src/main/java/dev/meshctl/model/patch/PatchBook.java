package dev.meshctl.model.patch;

import dev.meshctl.model.xds.RuntimeOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * All patches, the newest last: which may begin, and what is ordered of whom.
 *
 * @param patches of which no two that are under way concern the same proxy
 */
public record PatchBook(List<PatchState> patches) {
  public static final PatchBook EMPTY = new PatchBook(List.of());

  /** Patches that are over and are kept for people to look at. */
  private static final int KEPT = 20;

  public PatchBook {
    patches = List.copyOf(patches);
  }

  /** Whether a patch may begin. */
  public sealed interface Beginning {
    /** It has begun. */
    record Begun(PatchBook book, PatchState patch) implements Beginning {}

    /** It may not. */
    record Refused(String why) implements Beginning {}
  }

  public Beginning begin(PatchPlan plan, long nowEpochMillis) {
    if (find(plan.id()).isPresent()) {
      return new Beginning.Refused("there is a patch " + plan.id() + " already");
    }
    Set<String> wanted = new HashSet<>();
    plan.waves().forEach(wanted::addAll);
    if (wanted.isEmpty()) {
      return new Beginning.Refused("no proxy is concerned");
    }
    for (PatchState other : patches) {
      if (!other.phase().over()) {
        Optional<String> both =
            other.members().keySet().stream().filter(wanted::contains).findFirst();
        if (both.isPresent()) {
          return new Beginning.Refused(
              "patch "
                  + other.plan().id()
                  + " is under way and concerns "
                  + both.get()
                  + " too; wait for it, or take it back");
        }
      }
    }
    PatchState begun = PatchState.begun(plan, nowEpochMillis);
    List<PatchState> all = new ArrayList<>(patches);
    all.add(begun);
    return new Beginning.Begun(new PatchBook(all).shortened(), begun);
  }

  /** The oldest that are over are forgotten, unless an order of theirs is still in force. */
  private PatchBook shortened() {
    List<PatchState> kept = new ArrayList<>();
    Set<String> concerned = new HashSet<>();
    int over = 0;
    for (PatchState patch : patches.reversed()) {
      boolean news = concerned.addAll(patch.members().keySet());
      if (!patch.phase().over() || news || over < KEPT) {
        kept.add(patch);
      }
      over += patch.phase().over() ? 1 : 0;
    }
    return new PatchBook(kept.reversed());
  }

  public Optional<PatchState> find(String id) {
    return patches.stream().filter(patch -> patch.plan().id().equals(id)).findFirst();
  }

  /** What all patches make of an event. */
  public PatchBook next(PatchEvent event, long nowEpochMillis) {
    return map(patch -> patch.next(event, nowEpochMillis));
  }

  /** What one patch makes of an event. */
  public PatchBook next(String id, PatchEvent event, long nowEpochMillis) {
    return map(patch -> patch.plan().id().equals(id) ? patch.next(event, nowEpochMillis) : patch);
  }

  private PatchBook map(UnaryOperator<PatchState> change) {
    return new PatchBook(patches.stream().map(change).toList());
  }

  /** The order in force for a proxy: that of the newest patch that has one for it. */
  public Optional<RuntimeOrder> order(String proxy) {
    for (PatchState patch : patches.reversed()) {
      Optional<RuntimeOrder> order = patch.order(proxy);
      if (order.isPresent()) {
        return order;
      }
    }
    return Optional.empty();
  }

  /** The highest generation that any proxy may have heard of, by proxy. */
  public Map<String, Long> generations() {
    Map<String, Long> highest = new HashMap<>();
    for (PatchState patch : patches) {
      for (String proxy : patch.members().keySet()) {
        highest.merge(proxy, patch.generation(proxy) + 1, Math::max);
      }
    }
    return highest;
  }

  /** Addresses of the bundles that an order may name: what each patch leads to, and back to. */
  public Set<String> digests() {
    Set<String> all = new HashSet<>();
    for (PatchState patch : patches) {
      all.add(patch.plan().target().digest());
      patch.plan().before().values().forEach(before -> all.add(before.digest()));
    }
    // What came with an image has no address.
    all.remove("");
    return all;
  }
}
