package dev.meshctl.model.patch;

import dev.meshctl.model.xds.RuntimeOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How far a patch is. All of it is kept, so that whoever goes on with it knows as much as whoever
 * began; the orders in force follow from it ({@link #order}) and are not kept beside it.
 *
 * @param wave number of the one that is under way, from 0
 * @param sinceEpochMillis when the phase or wave began
 * @param resumes what a paused patch goes on with
 * @param problem why it goes or went back; empty where it does not
 */
public record PatchState(
    PatchPlan plan,
    Phase phase,
    Phase resumes,
    int wave,
    long sinceEpochMillis,
    Map<String, Member> members,
    String problem) {

  /** What a patch is at. */
  public enum Phase {
    /** The wave's proxies replace their runtimes. */
    ROLLING,
    /** They have; the gate looks on. */
    SOAKING,
    /** An operator has stopped it. */
    PAUSED,
    /** Proxies go back to what they ran. */
    RETURNING,
    /** All run the new one. */
    DONE,
    /** What was to go back has; nothing is under way. */
    RETURNED;

    /** Nothing more comes of it, and its proxies may be patched by another. */
    public boolean over() {
      return this == DONE || this == RETURNED;
    }
  }

  /** How a proxy stands. */
  public enum Standing {
    /** Its wave has not begun. */
    WAITING,
    /** It has its order, and has not settled it. */
    ORDERED,
    /** It runs the new one. */
    PATCHED,
    /** It is to go back. */
    RETURNING,
    /** It runs what it ran before: it never left it, or came back. */
    BEFORE,
    /** It did not settle its way back in time, or could not. */
    STUCK,
    /** It went away, as pods do, before it began. */
    GONE
  }

  /**
   * A proxy of the patch.
   *
   * @param stage that it reported last for the order in force
   * @param reason why it failed or came back; empty otherwise
   * @param sinceEpochMillis when it was ordered
   */
  public record Member(
      Standing standing,
      RuntimeReport.Stage stage,
      boolean connected,
      String reason,
      long sinceEpochMillis) {

    Member standing(Standing next, String why) {
      return new Member(next, stage, connected, why, sinceEpochMillis);
    }
  }

  public PatchState {
    members = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(members));
  }

  /** A patch that begins. */
  public static PatchState begun(PatchPlan plan, long nowEpochMillis) {
    Map<String, Member> members = new LinkedHashMap<>();
    for (List<String> wave : plan.waves()) {
      for (String proxy : wave) {
        members.put(
            proxy,
            new Member(Standing.WAITING, RuntimeReport.Stage.RUNNING, true, "", nowEpochMillis));
      }
    }
    PatchState state =
        new PatchState(plan, Phase.ROLLING, Phase.ROLLING, 0, nowEpochMillis, members, "");
    return PatchMachine.begin(state, 0, nowEpochMillis);
  }

  /** The next state; the same where the event changes nothing. */
  public PatchState next(PatchEvent event, long nowEpochMillis) {
    return PatchMachine.next(this, event, nowEpochMillis);
  }

  /**
   * The order in force for a proxy. It stays after the patch is over, so that a proxy whose
   * container starts anew comes to run what it is meant to.
   */
  public Optional<RuntimeOrder> order(String proxy) {
    Member member = members.get(proxy);
    if (member == null) {
      return Optional.empty();
    }
    return switch (member.standing) {
      case WAITING, GONE -> Optional.empty();
      case ORDERED, PATCHED ->
          Optional.of(order(proxy, generation(proxy), plan.target().ordered(false)));
      case RETURNING, STUCK, BEFORE ->
          Optional.of(order(proxy, generation(proxy) + 1, before(proxy).ordered(true)));
    };
  }

  private RuntimeOrder order(String proxy, long generation, RuntimeOrder.Target target) {
    return new RuntimeOrder(generation, plan.id(), target, plan.limits());
  }

  /** Of the order to run the target; the way back has the next one. */
  long generation(String proxy) {
    return plan.generations().getOrDefault(proxy, 0L) + 1;
  }

  RunningRuntime before(String proxy) {
    RunningRuntime before = plan.before().get(proxy);
    if (before == null) {
      throw new IllegalStateException("the plan lets no such proxy in: " + proxy);
    }
    return before;
  }

  /** Proxies that stand so, in the order of their waves. */
  public List<String> standing(Standing standing) {
    List<String> all = new ArrayList<>();
    members.forEach((proxy, member) -> {
      if (member.standing == standing) {
        all.add(proxy);
      }
    });
    return all;
  }
}
