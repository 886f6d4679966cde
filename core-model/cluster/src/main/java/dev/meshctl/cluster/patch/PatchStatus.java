package dev.meshctl.cluster.patch;

import dev.meshctl.model.patch.PatchPlan;
import dev.meshctl.model.patch.PatchPlan.Pace;
import dev.meshctl.model.patch.PatchPlan.Undo;
import dev.meshctl.model.patch.PatchState;
import dev.meshctl.model.patch.PatchState.Member;
import dev.meshctl.model.patch.PatchState.Phase;
import dev.meshctl.model.patch.PatchState.Standing;
import dev.meshctl.model.patch.RunningRuntime;
import dev.meshctl.model.patch.RuntimeReport.Stage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code status} of a {@code RuntimePatch}: with {@code spec} all that a replica needs to go on
 * with a patch that another began. What people look at are the first fields; {@code members} is the
 * rest.
 *
 * @param reason one word in capitals and small letters for why it stands still; may be empty
 * @param message the same for people
 * @param startedEpochMillis when it began; 0 where it has not
 * @param state empty where it has not begun
 */
public record PatchStatus(
    String reason, String message, long startedEpochMillis, Optional<PatchState> state) {
  /** Nobody has looked at it. */
  public static final PatchStatus NONE = new PatchStatus("", "", 0, Optional.empty());

  /** Of a patch that has not begun. */
  public static final String WAITING = "Waiting";

  /** Of one that never will. */
  public static final String REFUSED = "Refused";

  /** Reasons for which a patch never begins; for the others it waits. */
  private static final List<String> FINAL =
      List.of(
          "InvalidSpec",
          "PatchUnderWay",
          "TooManyProxies",
          "AmbiguousVersion",
          "NothingToDo",
          "NotEnoughMemory");

  public static PatchStatus of(PatchState state, long startedEpochMillis) {
    return new PatchStatus("", state.problem(), startedEpochMillis, Optional.of(state));
  }

  /** The same, and why it stands still. */
  public PatchStatus because(String why, String said) {
    return new PatchStatus(why, said, startedEpochMillis, state);
  }

  public boolean isRefused() {
    return state.isEmpty() && FINAL.contains(reason);
  }

  /** Nothing more comes of it. */
  public boolean isOver() {
    return isRefused() || state.map(patch -> patch.phase().over()).orElse(false);
  }

  /** {@code Rolling}, {@code Waiting}, ... */
  public String phase() {
    return state.map(patch -> word(patch.phase())).orElse(isRefused() ? REFUSED : WAITING);
  }

  /**
   * @param id of the patch
   * @throws IllegalArgumentException where it does not read
   */
  public static PatchStatus read(String id, PatchSpec spec, JsonNode status) {
    String reason = status.path("reason").asString("");
    String message = status.path("message").asString("");
    if (!status.path("members").isArray()) {
      return new PatchStatus(reason, message, 0, Optional.empty());
    }
    List<List<String>> waves = new ArrayList<>();
    Map<String, RunningRuntime> before = new HashMap<>();
    Map<String, Long> generations = new HashMap<>();
    Map<String, String> nodes = new HashMap<>();
    Map<String, Member> members = new LinkedHashMap<>();
    for (JsonNode each : status.path("members")) {
      String proxy = each.path("proxy").asString("");
      int wave = each.path("wave").asInt(1);
      while (waves.size() < wave) {
        waves.add(new ArrayList<>());
      }
      waves.get(wave - 1).add(proxy);
      before.put(proxy, runtime(each.path("before")));
      generations.put(proxy, each.path("generation").asLong(0));
      nodes.put(proxy, each.path("node").asString(""));
      members.put(
          proxy,
          new Member(
              of(Standing.class, each.path("standing")),
              of(Stage.class, each.path("stage")),
              each.path("connected").asBoolean(false),
              each.path("reason").asString(""),
              millis(each.path("since"))));
    }
    PatchPlan plan =
        new PatchPlan(
            id,
            runtime(status.path("target")),
            waves,
            before,
            generations,
            spec.limits(),
            spec.gate(),
            spec.soak(),
            of(Undo.class, status.path("undo")),
            new Pace(spec.perNode(), nodes));
    PatchState state =
        new PatchState(
            plan,
            of(Phase.class, status.path("phase")),
            of(Phase.class, status.path("resumes")),
            status.path("wave").asInt(1) - 1,
            millis(status.path("since")),
            members,
            status.path("problem").asString(""));
    return new PatchStatus(reason, message, millis(status.path("startedAt")), Optional.of(state));
  }

  /**
   * As the API takes it.
   *
   * @param generation of the object that was looked at
   */
  public ObjectNode write(long generation) {
    ObjectNode status = JsonNodeFactory.instance.objectNode();
    status.put("observedGeneration", generation).put("phase", phase());
    status.put("reason", reason).put("message", message);
    if (state.isEmpty()) {
      return status;
    }
    PatchState patch = state.get();
    PatchPlan plan = patch.plan();
    status.put("wave", patch.wave() + 1).put("waves", plan.waves().size());
    status.put("proxies", patch.members().size());
    status.put("patched", patch.standing(Standing.PATCHED).size());
    status.put("rolledBack", patch.standing(Standing.BEFORE).size());
    status.put("stuck", patch.standing(Standing.STUCK).size());
    status.put("problem", patch.problem());
    status.put("startedAt", Instant.ofEpochMilli(startedEpochMillis).toString());
    status.put("since", Instant.ofEpochMilli(patch.sinceEpochMillis()).toString());
    status.put("resumes", word(patch.resumes())).put("undo", word(plan.undo()));
    runtime(status.putObject("target"), plan.target());
    var members = status.putArray("members");
    for (int wave = 0; wave < plan.waves().size(); wave++) {
      for (String proxy : plan.waves().get(wave)) {
        write(members.addObject(), proxy, wave + 1, patch);
      }
    }
    return status;
  }

  private static void write(ObjectNode to, String proxy, int wave, PatchState patch) {
    Member member = patch.members().get(proxy);
    RunningRuntime before = patch.plan().before().get(proxy);
    if (member == null || before == null) {
      throw new IllegalStateException("the plan lets no such proxy in: " + proxy);
    }
    to.put("proxy", proxy).put("wave", wave);
    to.put("standing", word(member.standing())).put("stage", word(member.stage()));
    to.put("connected", member.connected());
    String node = patch.plan().pace().node(proxy);
    if (!node.isEmpty()) {
      to.put("node", node);
    }
    to.put("since", Instant.ofEpochMilli(member.sinceEpochMillis()).toString());
    if (!member.reason().isEmpty()) {
      to.put("reason", member.reason());
    }
    to.put("generation", patch.plan().generations().getOrDefault(proxy, 0L));
    runtime(to.putObject("before"), before);
  }

  static RunningRuntime runtime(JsonNode node) {
    return new RunningRuntime(node.path("version").asString(""), node.path("digest").asString(""));
  }

  static void runtime(ObjectNode to, RunningRuntime runtime) {
    to.put("version", runtime.version());
    if (!runtime.digest().isEmpty()) {
      to.put("digest", runtime.digest());
    }
  }

  /** {@code ROLLED_BACK} is {@code RolledBack}, as Kubernetes writes such words. */
  static String word(Enum<?> constant) {
    StringBuilder word = new StringBuilder();
    for (String part : constant.name().split("_")) {
      word.append(part.charAt(0)).append(part.substring(1).toLowerCase(Locale.ROOT));
    }
    return word.toString();
  }

  static <E extends Enum<E>> E of(Class<E> type, JsonNode node) {
    String text = node.asString("");
    for (E constant : type.getEnumConstants()) {
      if (word(constant).equals(text)) {
        return constant;
      }
    }
    throw new IllegalArgumentException(
        "status: '" + text + "' is no " + type.getSimpleName() + " that this version knows");
  }

  static long millis(JsonNode node) {
    String text = node.asString("");
    return text.isEmpty() ? 0 : Instant.parse(text).toEpochMilli();
  }
}
