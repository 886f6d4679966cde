package dev.meshctl.model.explain.security;

import dev.meshctl.model.explain.AccessWords;
import dev.meshctl.model.explain.Admittance;
import dev.meshctl.model.explain.Admittance.Answer;
import dev.meshctl.model.explain.Explanation;
import dev.meshctl.model.explain.Question;
import dev.meshctl.model.explain.RequestExplainer;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.explain.Servers;
import dev.meshctl.model.explain.UnknownSubject;
import dev.meshctl.model.explain.security.AccessTargets.Target;
import dev.meshctl.model.explain.security.Reach.May;
import dev.meshctl.model.explain.security.Reach.Requests;
import dev.meshctl.model.match.TextRequest;
import dev.meshctl.model.xds.AccessControl;
import dev.meshctl.model.xds.AccessRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether one workload may ask another: of one request as {@link RequestExplainer} tells its fate,
 * or of all requests at once.
 *
 * <p>Thread: one.
 */
public final class AccessCheck {
  private final Scene scene;
  private final Servers servers;
  private final AccessTargets targets;

  private AccessCheck(Scene scene, String from, String to, String source) {
    this.scene = scene;
    this.servers = new Servers(scene);
    this.targets = new AccessTargets(scene, from, to, source);
  }

  /**
   * Of one request. Where a workload asks a Service, its routes are followed, so the request is
   * judged as servers get it; a workload that is asked by its own name, and whoever a gateway asks,
   * gets it as it is.
   *
   * @return an answer of each workload that may get it, the likeliest first; never empty
   * @throws UnknownSubject where nobody has such a name, or no workload gets such a request
   */
  public static List<Admittance> of(Scene scene, Question question) {
    AccessCheck check = new AccessCheck(scene, question.from(), question.to(), question.source());
    return check.targets.isService() && !check.targets.isGateway()
        ? routed(scene, check.targets.withPort(question))
        : check.targets.all().stream().map(target -> check.direct(target, question)).toList();
  }

  private static List<Admittance> routed(Scene scene, Question question) {
    Explanation explanation = RequestExplainer.of(scene).explain(question);
    if (explanation.admittances().isEmpty()) {
      String last = explanation.steps().getLast().decision();
      throw new UnknownSubject(
          "no workload gets such a request (" + explanation.outcome().word() + "): " + last,
          "see meshctl explain request with the same words");
    }
    return explanation.admittances();
  }

  private Admittance direct(Target target, Question question) {
    TextRequest request =
        TextRequest.of(
            question.method(),
            "http",
            question.headers().getOrDefault("host", question.to()),
            question.path());
    for (Map.Entry<String, String> header : question.headers().entrySet()) {
      if (!header.getKey().equals("host")) {
        request = request.with(header.getKey(), header.getValue());
      }
    }
    return servers.admittance(
        target.server(), target.port(), targets.caller(), target.secure(), request);
  }

  /**
   * Of all requests.
   *
   * @param to a Service or workload, with or without a port
   * @param source where the client comes from; empty where that is its own address
   * @throws UnknownSubject where nobody has such a name
   */
  public static List<Reach> reach(Scene scene, String from, String to, String source) {
    AccessCheck check = new AccessCheck(scene, from, to, source);
    return check.targets.all().stream().map(check::reach).toList();
  }

  private Reach reach(Target target) {
    Optional<Servers.Arrival> arrival =
        target.server().inMesh()
            ? servers.arrive(target.server(), target.port(), targets.caller(), target.secure())
            : Optional.empty();
    if (arrival.isEmpty() || !arrival.get().chain().isHttp()) {
      Admittance whole =
          servers.admittance(
              target.server(), target.port(), targets.caller(), target.secure(), null);
      return whole(
          target, whole.answer() == Answer.ALLOWED ? May.ALWAYS : May.NEVER, whole.reason());
    }
    List<AccessControl> reduced =
        ReducedRules.of(
            arrival.get().chain().controls(), arrival.get().facts(), targets.addressKnown());
    return byRequests(target, reduced);
  }

  private Reach byRequests(Target target, List<AccessControl> reduced) {
    List<Requests> only = new ArrayList<>();
    List<Requests> never = new ArrayList<>();
    String always = "";
    for (AccessControl control : reduced) {
      AccessRules rules = control.rules().orElseThrow();
      Optional<String> whole =
          rules.policies().entrySet().stream()
              .filter(each -> ReducedRules.isAlways(each.getValue()))
              .map(Map.Entry::getKey)
              .findFirst();
      switch (rules.action()) {
        case DENY -> {
          if (whole.isPresent()) {
            return whole(target, May.NEVER, whole.get() + " denies it");
          }
          never.addAll(requests(rules));
        }
        case ALLOW -> {
          if (rules.policies().isEmpty()) {
            return whole(target, May.NEVER, "none of the policies that allow something allows it");
          }
          if (whole.isPresent()) {
            always = whole.get() + " allows it";
          } else {
            only.addAll(requests(rules));
          }
        }
        case LOG -> {}
      }
    }
    if (only.isEmpty() && never.isEmpty()) {
      return whole(
          target,
          May.ALWAYS,
          !always.isEmpty()
              ? always
              : reduced.isEmpty()
                  ? "no AuthorizationPolicy speaks of it"
                  : "no policy denies it, and none allows only some");
    }
    return new Reach(
        target.server().namespace(),
        target.server().workload(),
        target.port(),
        target.secure(),
        May.DEPENDS,
        "",
        only,
        never);
  }

  private List<Requests> requests(AccessRules rules) {
    return rules.policies().entrySet().stream()
        .map(each ->
            new Requests(
                AccessWords.words(each.getValue()),
                each.getKey(),
                scene.rule(each.getKey()).orElse(null)))
        .toList();
  }

  private static Reach whole(Target target, May may, String reason) {
    return new Reach(
        target.server().namespace(),
        target.server().workload(),
        target.port(),
        target.secure(),
        may,
        reason,
        List.of(),
        List.of());
  }

  /** As certificates have it. */
  public static String identity(Scene scene, String from) {
    return new Clientele(scene, from, "").caller().identity();
  }
}
