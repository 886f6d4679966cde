package dev.meshctl.model.patch;

import dev.meshctl.model.patch.PatchEvent.Verdict;
import dev.meshctl.model.patch.PatchPlan.Pace;
import dev.meshctl.model.patch.PatchPlan.Undo;
import dev.meshctl.model.patch.PatchState.Member;
import dev.meshctl.model.patch.PatchState.Phase;
import dev.meshctl.model.patch.PatchState.Standing;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * From wave to wave and back.
 *
 * <pre>
 *            all of the wave settled            soaked, well, waves left
 * ROLLING ---------------------------&gt; SOAKING -------------------------&gt; ROLLING (next wave)
 *    |  ^ resumed                        |    \ soaked, well, no wave left
 *    v  | paused                         |     '----------------------------&gt; DONE
 *   PAUSED                               |
 *    |        one failed, late, or ill; taken back
 *    '------------------+----------------'
 *                       v            all settled
 *                   RETURNING -------------------&gt; RETURNED
 * </pre>
 *
 * <p>Threads: pure functions.
 */
final class PatchMachine {
  /** For fetching and verifying, beside what the order's limits give. */
  private static final Duration TRANSFER = Duration.ofMinutes(5);

  private PatchMachine() {}

  static PatchState next(PatchState state, PatchEvent event, long now) {
    PatchState heard =
        switch (event) {
          case PatchEvent.Reported(RuntimeReport report) -> reported(state, report);
          case PatchEvent.Connected(String proxy, boolean connected) ->
              connected(state, proxy, connected);
          case PatchEvent.Gone(String proxy) -> gone(state, proxy);
          case PatchEvent.Judged(Verdict verdict) ->
              switch (verdict) {
                case Verdict.Well() -> state;
                case Verdict.Ill(String why) ->
                    onItsWay(state) ? goBack(state, "the gate: " + why, now) : state;
              };
          case PatchEvent.Ticked() -> state;
          case PatchEvent.Paused() ->
              onItsWay(state) && state.phase() != Phase.PAUSED
                  ? phase(state, Phase.PAUSED, state.phase(), state.sinceEpochMillis())
                  : state;
          case PatchEvent.Resumed() ->
              state.phase() == Phase.PAUSED
                  ? phase(state, state.resumes(), state.resumes(), now)
                  : state;
          case PatchEvent.TakenBack(String why) -> goBack(undoAll(state), why, now);
        };
    return advance(expire(heard, now), now);
  }

  private static boolean onItsWay(PatchState state) {
    return switch (state.phase()) {
      case ROLLING, SOAKING, PAUSED -> true;
      case RETURNING, DONE, RETURNED -> false;
    };
  }

  private static PatchState phase(PatchState state, Phase phase, Phase resumes, long since) {
    return new PatchState(
        state.plan(), phase, resumes, state.wave(), since, state.members(), state.problem());
  }

  private static PatchState with(PatchState state, Map<String, Member> members) {
    return new PatchState(
        state.plan(),
        state.phase(),
        state.resumes(),
        state.wave(),
        state.sinceEpochMillis(),
        members,
        state.problem());
  }

  private static PatchState with(PatchState state, String proxy, Member member) {
    Map<String, Member> members = new LinkedHashMap<>(state.members());
    members.put(proxy, member);
    return with(state, members);
  }

  private static PatchState connected(PatchState state, String proxy, boolean connected) {
    Member member = state.members().get(proxy);
    return member == null || member.connected() == connected
        ? state
        : with(
            state,
            proxy,
            new Member(
                member.standing(),
                member.stage(),
                connected,
                member.reason(),
                member.sinceEpochMillis()));
  }

  /** Nothing is waited for that cannot come. */
  private static PatchState gone(PatchState state, String proxy) {
    Member member = state.members().get(proxy);
    if (member == null) {
      return state;
    }
    return switch (member.standing()) {
      case WAITING, ORDERED, RETURNING ->
          with(state, proxy, member.standing(Standing.GONE, "its pod is gone"));
      case PATCHED, BEFORE, STUCK, GONE -> state;
    };
  }

  /** What counts is what serves; the stage says only whether more is to come. */
  private static PatchState reported(PatchState state, RuntimeReport report) {
    String proxy = report.proxyId();
    Member member = state.members().get(proxy);
    if (member == null) {
      return state;
    }
    RunningRuntime running = RunningRuntime.of(report);
    boolean onTarget = running.digest().equals(state.plan().target().digest());
    boolean onBefore = running.digest().equals(state.before(proxy).digest());
    long ordered = state.order(proxy).map(order -> order.generation()).orElse(0L);
    boolean ofOrder = report.generation() >= ordered && ordered > 0;
    Member heard =
        new Member(
            member.standing(),
            ofOrder ? report.stage() : member.stage(),
            true,
            ofOrder && !report.reason().isEmpty() ? report.reason() : member.reason(),
            member.sinceEpochMillis());
    boolean settled = ofOrder && report.stage().settled();
    Standing standing =
        !settled ? member.standing() : settled(member.standing(), onTarget, onBefore);
    return with(state, proxy, heard.standing(standing, heard.reason()));
  }

  private static Standing settled(Standing was, boolean onTarget, boolean onBefore) {
    return switch (was) {
      // One that was patched may be taken back later, by its supervisor.
      case ORDERED, PATCHED -> onTarget ? Standing.PATCHED : Standing.BEFORE;
      case RETURNING, STUCK -> onBefore ? Standing.BEFORE : Standing.STUCK;
      case BEFORE, WAITING, GONE -> was;
    };
  }

  /** Begins a wave. */
  static PatchState begin(PatchState state, int wave, long now) {
    return advance(
        new PatchState(
            state.plan(),
            Phase.ROLLING,
            Phase.ROLLING,
            wave,
            now,
            state.members(),
            state.problem()),
        now);
  }

  /** Orders as many of the wave as may begin; those that are away need no place. */
  private static PatchState orderMore(PatchState state, long now) {
    Pace pace = state.plan().pace();
    Map<String, Member> members = new LinkedHashMap<>(state.members());
    Map<String, Integer> beginning = new HashMap<>();
    members.forEach((proxy, member) -> {
      if (begins(member)) {
        beginning.merge(pace.node(proxy), 1, Integer::sum);
      }
    });
    for (String proxy : waitingInWave(state)) {
      members.computeIfPresent(
          proxy,
          (id, member) -> {
            boolean place =
                !member.connected()
                    || beginning.merge(pace.node(proxy), 1, Integer::sum) <= pace.perNode();
            return place
                ? new Member(
                    Standing.ORDERED, RuntimeReport.Stage.RUNNING, member.connected(), "", now)
                : member;
          });
    }
    return members.equals(state.members()) ? state : with(state, members);
  }

  /** It has its order, and its new process does not serve. */
  private static boolean begins(Member member) {
    return member.standing() == Standing.ORDERED
        && member.connected()
        && switch (member.stage()) {
          case RUNNING, FETCHING, VERIFYING, UNPACKING, STARTING, HANDING_OVER -> true;
          case WATCHING, DONE, FAILED, ROLLED_BACK -> false;
        };
  }

  private static List<String> waitingInWave(PatchState state) {
    List<List<String>> waves = state.plan().waves();
    return state.wave() >= waves.size()
        ? List.of()
        : waves.get(state.wave()).stream()
            .filter(proxy -> {
              Member member = state.members().get(proxy);
              return member != null && member.standing() == Standing.WAITING;
            })
            .toList();
  }

  /** Who does not settle in time has failed; who went away before it began has not. */
  private static PatchState expire(PatchState state, long now) {
    Map<String, Member> members = new LinkedHashMap<>(state.members());
    long limit = longest(state.plan());
    state
        .members()
        .forEach((proxy, member) -> {
          boolean late = now - member.sinceEpochMillis() > limit;
          if (member.standing() == Standing.ORDERED && late) {
            boolean left = !member.connected() && !hasBegun(member);
            members.put(
                proxy,
                left
                    ? member.standing(Standing.GONE, "it went away")
                    : new Member(
                        Standing.RETURNING,
                        member.stage(),
                        member.connected(),
                        "it did not get further than " + member.stage() + " in time",
                        now));
          } else if (member.standing() == Standing.RETURNING && late) {
            members.put(
                proxy,
                member.standing(
                    member.connected() ? Standing.STUCK : Standing.GONE,
                    member.connected() ? "it did not come back in time" : "it went away"));
          }
        });
    return members.equals(state.members()) ? state : with(state, members);
  }

  private static boolean hasBegun(Member member) {
    return switch (member.stage()) {
      case RUNNING, FETCHING, VERIFYING, UNPACKING -> false;
      case STARTING, HANDING_OVER, WATCHING, DONE, FAILED, ROLLED_BACK -> true;
    };
  }

  private static long longest(PatchPlan plan) {
    return TRANSFER
        .plus(plan.limits().ready())
        .plus(plan.limits().drain())
        .plus(plan.limits().watch())
        .toMillis();
  }

  private static PatchState advance(PatchState state, long now) {
    return switch (state.phase()) {
      case ROLLING -> rolling(state, now);
      case SOAKING -> {
        String failed = failed(state);
        if (failed != null) {
          yield goBack(state, failed, now);
        }
        if (now - state.sinceEpochMillis() < state.plan().soak().toMillis()) {
          yield state;
        }
        yield state.wave() + 1 < state.plan().waves().size()
            ? begin(state, state.wave() + 1, now)
            : phase(state, Phase.DONE, Phase.DONE, now);
      }
      case PAUSED -> failed(state) == null ? state : rolling(state, now);
      case RETURNING ->
          state.standing(Standing.RETURNING).isEmpty()
              ? phase(state, Phase.RETURNED, Phase.RETURNED, now)
              : state;
      case DONE, RETURNED -> state;
    };
  }

  private static PatchState rolling(PatchState state, long now) {
    String failed = failed(state);
    if (failed != null) {
      return goBack(state, failed, now);
    }
    PatchState ordered = orderMore(state, now);
    boolean settled =
        ordered.standing(Standing.ORDERED).isEmpty() && waitingInWave(ordered).isEmpty();
    return settled ? advance(phase(ordered, Phase.SOAKING, Phase.SOAKING, now), now) : ordered;
  }

  /** The first proxy that could not follow, with its reason. */
  private static @Nullable String failed(PatchState state) {
    for (Map.Entry<String, Member> each : state.members().entrySet()) {
      Standing standing = each.getValue().standing();
      if (standing == Standing.BEFORE
          || standing == Standing.STUCK
          || standing == Standing.RETURNING) {
        String reason = each.getValue().reason();
        return each.getKey() + ": " + (reason.isEmpty() ? "it could not follow" : reason);
      }
    }
    return null;
  }

  private static PatchState undoAll(PatchState state) {
    PatchPlan plan = state.plan();
    PatchPlan all =
        new PatchPlan(
            plan.id(),
            plan.target(),
            plan.waves(),
            plan.before(),
            plan.generations(),
            plan.limits(),
            plan.gate(),
            plan.soak(),
            Undo.ALL,
            plan.pace());
    return new PatchState(
        all,
        state.phase(),
        state.resumes(),
        state.wave(),
        state.sinceEpochMillis(),
        state.members(),
        state.problem());
  }

  private static PatchState goBack(PatchState state, String why, long now) {
    List<String> wave =
        state.wave() < state.plan().waves().size()
            ? state.plan().waves().get(state.wave())
            : List.of();
    Map<String, Member> members = new LinkedHashMap<>(state.members());
    members.replaceAll((proxy, member) -> {
      boolean concerned = state.plan().undo() == Undo.ALL || wave.contains(proxy);
      boolean touched =
          member.standing() == Standing.ORDERED || member.standing() == Standing.PATCHED;
      return concerned && touched
          ? new Member(
              Standing.RETURNING,
              RuntimeReport.Stage.RUNNING,
              member.connected(),
              member.reason(),
              now)
          : member;
    });
    return advance(
        new PatchState(
            state.plan(), Phase.RETURNING, Phase.RETURNING, state.wave(), now, members, why),
        now);
  }
}
