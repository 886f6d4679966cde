package dev.meshctl.cluster.patch;

import dev.meshctl.cluster.patch.ReplicaReport.Connected;
import dev.meshctl.model.patch.Candidate;
import dev.meshctl.model.patch.PatchBook;
import dev.meshctl.model.patch.PatchBook.Beginning;
import dev.meshctl.model.patch.PatchEvent;
import dev.meshctl.model.patch.PatchEvent.Verdict;
import dev.meshctl.model.patch.PatchPlan;
import dev.meshctl.model.patch.PatchScope;
import dev.meshctl.model.patch.PatchState;
import dev.meshctl.model.patch.PatchState.Phase;
import dev.meshctl.model.patch.PatchState.Standing;
import dev.meshctl.model.patch.RunningRuntime;
import dev.meshctl.model.patch.Waves;
import dev.meshctl.model.query.RuntimeView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the leader makes of a patch, from what it says, what it has come to, and what replicas see.
 * Pure.
 *
 * @param systemNamespace whose patches concern every namespace
 * @param book all patches that have begun
 */
public record PatchLead(String systemNamespace, PatchBook book, ReplicaSight sight) {
  /** Of one patch: what stands in its status must fit an object, 1.5 MB in all. */
  private static final int MOST_PROXIES = 2000;

  /** The status that it is to have. */
  public PatchStatus next(RuntimePatch patch, long now) {
    PatchStatus status = patch.status();
    if (status.state().isPresent()) {
      return underWay(patch, status.state().get(), now);
    }
    return status.isRefused() ? status : begin(patch, now);
  }

  private PatchStatus begin(RuntimePatch patch, long now) {
    PatchSpec spec = patch.spec();
    PatchStatus waits = PatchStatus.NONE;
    if (spec.rollback()) {
      return waits.because("RolledBack", "it was taken back before it began");
    }
    if (spec.paused()) {
      return waits.because("Paused", "spec.paused is true");
    }
    List<RuntimeView.Bundle> found = sight.find(spec.version(), spec.digest());
    if (found.isEmpty()) {
      return waits.because("BundleMissing", missing(spec));
    }
    if (found.size() > 1) {
      return waits.because(
          "AmbiguousVersion",
          "several bundles have version "
              + spec.version()
              + ": name one by spec.digest, "
              + found.stream().map(RuntimeView.Bundle::digest).sorted().toList());
    }
    RunningRuntime target = new RunningRuntime(spec.version(), found.getFirst().digest());
    PatchScope scope = patch.scope(systemNamespace);
    List<Candidate> concerned = scope.concerned(sight.candidates(), target);
    if (concerned.isEmpty()) {
      boolean all = sight.candidates().stream().anyMatch(scope::covers);
      return all
          ? waits.because(
              "NothingToDo", "every connected proxy that it concerns runs " + spec.version())
          : waits.because(
              "NoProxies", "no connected proxy that can replace its runtime is concerned");
    }
    if (concerned.size() > MOST_PROXIES) {
      return waits.because(
          "TooManyProxies",
          concerned.size()
              + " proxies are concerned (expected: "
              + MOST_PROXIES
              + " at most); order them by namespace or selector");
    }
    Optional<String> noRoom = PatchScope.withoutRoom(concerned, found.getFirst().memoryBytes());
    if (noRoom.isPresent()) {
      return waits.because("NotEnoughMemory", noRoom.get());
    }
    PatchPlan plan =
        new PatchPlan(
            patch.id(),
            target,
            PatchScope.waves(Waves.parse(spec.waves()), concerned),
            PatchScope.before(concerned),
            generations(concerned),
            spec.limits(),
            spec.gate(),
            spec.soak(),
            spec.undo(),
            PatchScope.pace(spec.perNode(), concerned));
    return switch (book.begin(plan, now)) {
      case Beginning.Begun(PatchBook all, PatchState begun) -> PatchStatus.of(begun, now);
      case Beginning.Refused(String why) -> waits.because("PatchUnderWay", why);
    };
  }

  private String missing(PatchSpec spec) {
    return "no replica of the control plane has a bundle of version "
        + spec.version()
        + (spec.digest().isEmpty() ? "" : " with digest " + spec.digest())
        + " (there are: "
        + sight.bundles().values().stream().map(RuntimeView.Bundle::version).sorted().toList()
        + "); push it: meshctl runtime push";
  }

  private Map<String, Long> generations(List<Candidate> concerned) {
    Map<String, Long> highest = new HashMap<>(book.generations());
    for (Candidate each : concerned) {
      Connected connected = sight.proxies().get(each.id());
      if (connected != null) {
        highest.merge(each.id(), connected.report().generation(), Math::max);
      }
    }
    highest.keySet().retainAll(concerned.stream().map(Candidate::id).toList());
    return highest;
  }

  private PatchStatus underWay(RuntimePatch patch, PatchState state, long now) {
    PatchSpec spec = patch.spec();
    long started = patch.status().startedEpochMillis();
    boolean wanted =
        spec.rollback() && state.phase() != Phase.RETURNING && state.phase() != Phase.RETURNED;
    if (state.phase().over() && !wanted) {
      return patch.status();
    }
    if (state.phase().over()) {
      Optional<PatchState> later = later(state);
      if (later.isPresent()) {
        return patch
            .status()
            .because(
                "Superseded",
                "patch "
                    + later.get().plan().id()
                    + " came after it for proxies of it; take that one back");
      }
    }
    boolean held = sight.bundles().containsKey(state.plan().target().digest());
    PatchState next = state;
    for (PatchEvent event : events(state, spec.paused() || !held)) {
      next = next.next(event, now);
    }
    if (wanted) {
      next = next.next(new PatchEvent.TakenBack("asked for"), now);
    }
    PatchStatus result = PatchStatus.of(next, started);
    if (next.phase() == Phase.PAUSED) {
      return held
          ? result.because("Paused", "spec.paused is true")
          : result.because("BundleMissing", missing(spec));
    }
    return result;
  }

  /** A patch that came after and that concerns some of the same proxies. */
  private Optional<PatchState> later(PatchState state) {
    int at = 0;
    List<PatchState> all = book.patches();
    while (at < all.size() && !all.get(at).plan().id().equals(state.plan().id())) {
      at++;
    }
    return all.stream()
        .skip(at + 1L)
        .filter(other -> other.members().keySet().stream().anyMatch(state.members()::containsKey))
        .findFirst();
  }

  private List<PatchEvent> events(PatchState state, boolean pause) {
    List<PatchEvent> events = new ArrayList<>();
    // Said first, so that no wave begins that is not wanted.
    if (pause) {
      events.add(new PatchEvent.Paused());
    } else if (state.phase() == Phase.PAUSED) {
      events.add(new PatchEvent.Resumed());
    }
    for (String proxy : state.members().keySet()) {
      Connected connected = sight.proxies().get(proxy);
      if (connected != null) {
        events.add(new PatchEvent.Reported(connected.report()));
      }
      events.add(new PatchEvent.Connected(proxy, connected != null));
      if (connected == null && sight.isGone(proxy)) {
        events.add(new PatchEvent.Gone(proxy));
      }
    }
    events.add(new PatchEvent.Judged(judged(state)));
    events.add(new PatchEvent.Ticked());
    return events;
  }

  private Verdict judged(PatchState state) {
    for (String proxy : state.standing(Standing.PATCHED)) {
      Connected connected = sight.proxies().get(proxy);
      if (connected != null && connected.refuses()) {
        return new Verdict.Ill(proxy + " refuses its configuration since it runs the new runtime");
      }
    }
    return state.plan().gate().judge(sight.measured(state.plan().id()));
  }
}
